import { blob, integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core"

/** Raised when a table changes shape; files of another version are set aside. */
export const schemaVersion = 2

/** What lists filter by, and nothing else: rows stay narrow, so that scanning a day is cheap. */
export const calls = sqliteTable("calls", {
  at: integer("at").notNull(),
  id: text("id").notNull(),
  seq: integer("seq").notNull(),
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
})

export const details = sqliteTable("details", {
  seq: integer("seq").primaryKey(),
  json: text("json").notNull(),
})

export const blocks = sqliteTable("blocks", {
  id: integer("id").primaryKey(),
  /** Zstandard. */
  data: blob("data", { mode: "buffer" }).notNull(),
})

/** Callers choose ids and may repeat them, so a payload is known by its call's time as well. */
export const payloads = sqliteTable("payloads", {
  at: integer("at").notNull(),
  callId: text("call_id").notNull(),
  ordinal: integer("ordinal").notNull(),
  side: text("side").notNull(),
  wire: text("wire").notNull(),
  contentType: text("content_type").notNull(),
  size: integer("size").notNull(),
  block: integer("block").notNull(),
  start: integer("start").notNull(),
  length: integer("length").notNull(),
})

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

const recordTables = `
  CREATE TABLE IF NOT EXISTS details (seq INTEGER PRIMARY KEY, json TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS calls (
    at INTEGER NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, ok INTEGER NOT NULL, status INTEGER NOT NULL, provider TEXT, model TEXT NOT NULL,
    key_id TEXT, dialect TEXT NOT NULL, error_kind TEXT, stop TEXT, session_id TEXT, stream INTEGER NOT NULL, duration_ms REAL NOT NULL,
    tokens INTEGER, cost REAL, PRIMARY KEY (at, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS calls_id ON calls (id);`

const payloadTables = `
  CREATE TABLE IF NOT EXISTS blocks (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS payloads (
    at INTEGER NOT NULL, call_id TEXT NOT NULL, ordinal INTEGER NOT NULL, side TEXT NOT NULL, wire TEXT NOT NULL, content_type TEXT NOT NULL,
    size INTEGER NOT NULL, block INTEGER NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL, PRIMARY KEY (call_id, at, ordinal)
  ) WITHOUT ROWID;`

const rollupTables = `
  CREATE TABLE IF NOT EXISTS rollups (
    hour INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, ok INTEGER NOT NULL, calls INTEGER NOT NULL, input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL, cost REAL NOT NULL, unpriced INTEGER NOT NULL, duration_ms REAL NOT NULL, PRIMARY KEY (hour, provider, model, ok)
  ) WITHOUT ROWID;`

export const tablesOf = { records: recordTables, payloads: payloadTables, rollups: rollupTables } as const
export type FileKind = keyof typeof tablesOf
