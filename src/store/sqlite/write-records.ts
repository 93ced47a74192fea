import { sql } from "drizzle-orm"
import type { Opened } from "./database.ts"
import { columnsOf, type Entry } from "./entry.ts"
import { calls, details } from "./schema.ts"

/** Writes the records of one day in one transaction. A call that is already there is replaced. */
export function recordWriter(file: Opened): (entries: readonly Entry[]) => void {
  const detail = file.drizzle
    .insert(details)
    .values({ json: sql.placeholder("json") })
    .returning({ seq: details.seq })
    .prepare()
  const call = file.drizzle.insert(calls).values(placeholders()).onConflictDoUpdate(replacement()).prepare()
  const write = file.client.transaction((entries: readonly Entry[]) => {
    for (const entry of entries) {
      const seq = detail.get({ json: entry.json })?.seq
      call.run({ ...columnsOf(entry.record), seq })
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
