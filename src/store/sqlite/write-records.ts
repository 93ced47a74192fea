import type { SQLQueryBindings } from "bun:sqlite"
import { getTableColumns, type Placeholder, sql } from "drizzle-orm"
import type { Opened } from "./database.ts"
import { type DayPart, idToleranceMs, type Row, timeIn } from "./entry.ts"
import { packed } from "./packed.ts"
import { prepared } from "./prepared.ts"
import { blocks, calls } from "./schema.ts"

/** Rows written by one run of a statement; it spares a third of a row's cost. */
const rowsAtOnce = 16

/** Writes the records of a part in one transaction. A call that is already there is replaced. */
export function recordWriter(file: Opened): (part: DayPart) => void {
  const { drizzle } = file
  const values = { id: sql.placeholder("id"), data: sql.placeholder("data") }
  const block = prepared(file, drizzle.insert(blocks).values(values), ["id", "data"])
  const insert = (rows: number) => {
    const query = drizzle.insert(calls).values(Array.from({ length: rows }, () => placeholders))
    return prepared(file, query.onConflictDoUpdate(replacement()), columns)
  }
  const many = insert(rowsAtOnce)
  const one = insert(1)
  const write = file.client.transaction(({ block: id, rows }: DayPart, data: Buffer) => {
    block.run(id, data)
    let bindings: SQLQueryBindings[] = []
    const rest = rows.length - (rows.length % rowsAtOnce)
    for (let slot = 0; slot < rows.length; slot++) {
      const row = rows[slot]
      if (row) bind(bindings, row, id, slot)
      if (slot < rest && slot % rowsAtOnce !== rowsAtOnce - 1) continue
      if (slot < rest) many.run(...bindings)
      else one.run(...bindings)
      bindings = []
    }
  })
  return (part) => {
    write.immediate(part, packed(part.text))
  }
}

/** In the order of `columns`. */
function bind(bindings: SQLQueryBindings[], row: Row, block: number, slot: number): void {
  const [
    ,
    ,
    at,
    id,
    ok,
    status,
    provider,
    model,
    keyId,
    dialect,
    errorKind,
    stop,
    sessionId,
    stream,
    durationMs,
    input,
    output,
    cost,
    alias,
  ] = row
  const tokens = input !== null && output !== null ? input + output : null
  const own = timeIn(id)
  const given = own === undefined || Math.abs(own - at) > idToleranceMs ? 1 : 0
  bindings.push(at, id, block, slot, ok, status, provider, model, keyId, dialect, errorKind)
  bindings.push(stop, sessionId, stream, durationMs, tokens, cost, given, alias)
}

const columns = Object.keys(getTableColumns(calls))

const placeholders = {
  at: sql.placeholder("at"),
  id: sql.placeholder("id"),
  block: sql.placeholder("block"),
  slot: sql.placeholder("slot"),
  ok: sql.placeholder("ok"),
  status: sql.placeholder("status"),
  provider: sql.placeholder("provider"),
  model: sql.placeholder("model"),
  keyId: sql.placeholder("keyId"),
  dialect: sql.placeholder("dialect"),
  errorKind: sql.placeholder("errorKind"),
  stop: sql.placeholder("stop"),
  sessionId: sql.placeholder("sessionId"),
  stream: sql.placeholder("stream"),
  durationMs: sql.placeholder("durationMs"),
  tokens: sql.placeholder("tokens"),
  cost: sql.placeholder("cost"),
  given: sql.placeholder("given"),
  alias: sql.placeholder("alias"),
} satisfies { [Name in keyof typeof calls.$inferInsert]-?: Placeholder<Name> }

const replacement = () => ({
  target: [calls.at, calls.id],
  set: {
    block: sql`excluded.block`,
    slot: sql`excluded.slot`,
    ok: sql`excluded.ok`,
    status: sql`excluded.status`,
    provider: sql`excluded.provider`,
    model: sql`excluded.model`,
    keyId: sql`excluded.key_id`,
    dialect: sql`excluded.dialect`,
    errorKind: sql`excluded.error_kind`,
    stop: sql`excluded.stop`,
    sessionId: sql`excluded.session_id`,
    stream: sql`excluded.stream`,
    durationMs: sql`excluded.duration_ms`,
    tokens: sql`excluded.tokens`,
    cost: sql`excluded.cost`,
    given: sql`excluded.given`,
    alias: sql`excluded.alias`,
  },
})
