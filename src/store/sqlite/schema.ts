import { blob, integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core"

/** What lists filter by, and nothing else: rows stay narrow, so that scanning a day is cheap. */
export const calls = sqliteTable("calls", {
  at: integer("at").notNull(),
  id: text("id").notNull(),
  /** Where the record is: its block, and its place among the calls of it. */
  block: integer("block").notNull(),
  slot: integer("slot").notNull(),
  ok: integer("ok", { mode: "boolean" }).notNull(),
  status: integer("status").notNull(),
  provider: text("provider"),
  model: text("model").notNull(),
  keyId: text("key_id"),
  dialect: text("dialect").notNull(),
  errorKind: text("error_kind"),
  stop: text("stop"),
  sessionId: text("session_id"),
  stream: integer("stream", { mode: "boolean" }).notNull(),
  durationMs: real("duration_ms").notNull(),
  tokens: integer("tokens"),
  cost: real("cost"),
  /** False for ids that tell the call's time, which need no index. */
  given: integer("given", { mode: "boolean" }).notNull(),
  /** What the caller called the model, where it is neither `model` nor that with its provider before it. */
  alias: text("alias"),
})

/** In a file of records the text of a `DayPart`, in one of payloads its payloads, both under the same id. */
export const blocks = sqliteTable("blocks", {
  id: integer("id").primaryKey(),
  /** Zstandard. */
  data: blob("data", { mode: "buffer" }).notNull(),
})

/** Sums of the calls of an hour (its start, in milliseconds since 1970), by provider, model and outcome; `cost` in US dollars. */
export const rollups = sqliteTable("rollups", {
  hour: integer("hour").notNull(),
  provider: text("provider").notNull(),
  model: text("model").notNull(),
  ok: integer("ok", { mode: "boolean" }).notNull(),
  calls: integer("calls").notNull(),
  inputTokens: integer("input_tokens").notNull(),
  outputTokens: integer("output_tokens").notNull(),
  cost: real("cost").notNull(),
  unpriced: integer("unpriced").notNull(),
  durationMs: real("duration_ms").notNull(),
})

const blockTable = "CREATE TABLE IF NOT EXISTS blocks (id INTEGER PRIMARY KEY, data BLOB NOT NULL);"

const recordTables = `
  ${blockTable}
  CREATE TABLE IF NOT EXISTS calls (
    at INTEGER NOT NULL, id TEXT NOT NULL, block INTEGER NOT NULL, slot INTEGER NOT NULL, ok INTEGER NOT NULL, status INTEGER NOT NULL, provider TEXT,
    model TEXT NOT NULL, key_id TEXT, dialect TEXT NOT NULL, error_kind TEXT, stop TEXT, session_id TEXT, stream INTEGER NOT NULL,
    duration_ms REAL NOT NULL, tokens INTEGER, cost REAL, given INTEGER NOT NULL, alias TEXT, PRIMARY KEY (at, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS calls_given ON calls (id) WHERE given = 1;`

const rollupTables = `
  CREATE TABLE IF NOT EXISTS rollups (
    hour INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, ok INTEGER NOT NULL, calls INTEGER NOT NULL, input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL, cost REAL NOT NULL, unpriced INTEGER NOT NULL, duration_ms REAL NOT NULL, PRIMARY KEY (hour, provider, model, ok)
  ) WITHOUT ROWID;`

/** What is to be done with a file of an older version; an empty text is nothing. */
interface Step {
  /** Makes it one of the next version. */
  readonly write: string
  /** Lets a connection that cannot write see it as one of the newest version. */
  readonly read: string
}

/** One kind of file, as it is now. Its version is raised when a table of it changes shape. */
export interface Shape {
  readonly version: number
  /** Makes the tables where they are missing. */
  readonly tables: string
  /** By the older versions that can still be used, without a gap. */
  readonly steps: Readonly<Record<number, Step>>
}

const unchanged: Step = { write: "", read: "" }
const withoutAlias: Step = {
  write: "ALTER TABLE calls ADD COLUMN alias TEXT;",
  read: "CREATE TEMP VIEW calls AS SELECT *, NULL AS alias FROM main.calls;",
}

export const shapes = {
  records: { version: 4, tables: recordTables, steps: { 3: withoutAlias } },
  payloads: { version: 4, tables: blockTable, steps: { 3: unchanged } },
  rollups: { version: 4, tables: rollupTables, steps: { 3: unchanged } },
} as const satisfies Record<string, Shape>
export type FileKind = keyof typeof shapes
