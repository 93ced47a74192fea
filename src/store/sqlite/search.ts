import { and, type SQL, sql } from "drizzle-orm"
import { type calls, details } from "./schema.ts"

/** What lists show of a call, by its place in the record. */
const searched = [
  "$.id",
  "$.requestedModel",
  "$.provider",
  "$.model",
  "$.keyName",
  "$.caller",
  "$.sessionId",
  "$.dialect",
  "$.status",
  "$.error.kind",
  "$.error.message",
] as const

const separator = "\n"

/**
 * Rows whose record holds every word in one of the texts that lists show. The record's own text is looked at first, so that few records are taken
 * apart; there is no index, and it is for the caller to bound the rows.
 */
export function holdsWords(words: readonly string[], seq: typeof calls.seq): SQL {
  const lowered = words.map(lowerAscii)
  const record = sql`lower(${details.json})`
  const texts = sql.join(
    searched.map((place) => sql`${details.json} ->> ${sql.raw(`'${place}'`)}`),
    sql`, `,
  )
  const shown = sql`lower(concat_ws(${separator}, ${texts}))`
  const found = and(
    ...lowered.map((word) => sql`instr(${record}, ${lowerAscii(JSON.stringify(word).slice(1, -1))}) > 0`),
    ...lowered.map((word) => sql`instr(${shown}, ${word}) > 0`),
  )
  return sql`exists (select 1 from ${details} where ${details.seq} = ${seq} and ${found})`
}

/** As SQLite's `lower` does it. */
const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
