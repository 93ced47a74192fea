import { sql } from "drizzle-orm"
import type { Opened } from "./database.ts"
import { columnsOf, type Entry } from "./entry.ts"
import { prepared } from "./prepared.ts"
import { calls, details } from "./schema.ts"

/** Writes the records of one day in one transaction. A call that is already there is replaced. */
export function recordWriter(file: Opened): (entries: readonly Entry[]) => void {
  const { drizzle } = file
  const detail = prepared<{ json: string }>(file, drizzle.insert(details).values({ json: sql.placeholder("json") }))
  const call = prepared<typeof calls.$inferInsert>(
    file,
    drizzle.insert(calls).values(placeholders()).onConflictDoUpdate(replacement()),
  )
  const write = file.client.transaction((entries: readonly Entry[]) => {
    for (const { record, json } of entries) {
      const seq = detail({ json })
      call({ ...columnsOf(record), seq })
    }
  })
  return (entries) => {
    write.immediate(entries)
  }
}

const replacement = () => ({
  target: [calls.at, calls.id],
  set: {
    seq: sql`excluded.seq`,
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
  },
})

const placeholders = () => ({
  at: sql.placeholder("at"),
  id: sql.placeholder("id"),
  seq: sql.placeholder("seq"),
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
})
