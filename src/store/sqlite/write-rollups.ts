import { eq, lt, sql } from "drizzle-orm"
import type { Opened } from "./database.ts"
import type { Row as CallRow, DayPart } from "./entry.ts"
import { rollups } from "./schema.ts"

const hourMs = 3_600_000
const keptMs = 400 * 24 * hourMs
/** Rows of one hour; what comes after is counted under `_other`. */
const rowsPerHour = 500

type Row = typeof rollups.$inferInsert

/** Adds calls to the sums of their hours in one transaction. */
export function rollupWriter(file: Opened): (part: DayPart) => void {
  const upsert = file.drizzle
    .insert(rollups)
    .values({
      hour: sql.placeholder("hour"),
      provider: sql.placeholder("provider"),
      model: sql.placeholder("model"),
      ok: sql.placeholder("ok"),
      calls: sql.placeholder("calls"),
      inputTokens: sql.placeholder("inputTokens"),
      outputTokens: sql.placeholder("outputTokens"),
      cost: sql.placeholder("cost"),
      unpriced: sql.placeholder("unpriced"),
      durationMs: sql.placeholder("durationMs"),
    })
    .onConflictDoUpdate({
      target: [rollups.hour, rollups.provider, rollups.model, rollups.ok],
      set: {
        calls: sql`calls + excluded.calls`,
        inputTokens: sql`input_tokens + excluded.input_tokens`,
        outputTokens: sql`output_tokens + excluded.output_tokens`,
        cost: sql`cost + excluded.cost`,
        unpriced: sql`unpriced + excluded.unpriced`,
        durationMs: sql`duration_ms + excluded.duration_ms`,
      },
    })
    .prepare()
  const known = knownModels(file)
  const write = file.client.transaction((rows: Iterable<Row>) => {
    for (const row of rows) upsert.run({ ...row })
  })
  return (part) => {
    write.immediate(sums(part.rows, known).values())
  }
}

/** Which provider and model pairs an hour has already; a new one past the bound is not admitted. */
function knownModels(file: Opened): (hour: number, pair: string) => boolean {
  const forget = file.drizzle
    .delete(rollups)
    .where(lt(rollups.hour, sql.placeholder("before")))
    .prepare()
  const inHour = file.drizzle
    .select({ provider: rollups.provider, model: rollups.model })
    .from(rollups)
    .where(eq(rollups.hour, sql.placeholder("hour")))
    .prepare()
  let held = -1
  let pairs = new Set<string>()
  return (hour, pair) => {
    if (hour !== held) {
      forget.run({ before: hour - keptMs })
      pairs = new Set(inHour.all({ hour }).map((row) => `${row.provider}\n${row.model}`))
      held = hour
    }
    if (pairs.has(pair)) return true
    if (pairs.size >= rowsPerHour) return false
    pairs.add(pair)
    return true
  }
}

function sums(calls: readonly CallRow[], admit: (hour: number, pair: string) => boolean): Map<string, Row> {
  const rows = new Map<string, Row>()
  /** By the model that was named, which may be one of the many under `_other`. */
  const named = new Map<string, Row>()
  let before: CallRow | undefined
  let row: Row | undefined
  for (const call of calls) {
    if (!row || !before || !isAlike(call, before)) {
      const hour = hourOf(call)
      const name = `${hour}\n${call[4]}\n${call[6] ?? "_none"}\n${call[7]}`
      row = named.get(name) ?? rowFor(rows, call, hour, admit)
      named.set(name, row)
    }
    before = call
    const [, , , , , , , , , , , , , , durationMs, input, output, cost] = call
    row.calls += 1
    row.inputTokens += input ?? 0
    row.outputTokens += output ?? 0
    row.cost += cost ?? 0
    row.unpriced += cost === null ? 1 : 0
    row.durationMs += durationMs
  }
  return rows
}

const hourOf = (call: CallRow): number => Math.floor(call[2] / hourMs) * hourMs

/** Whether both count in the same sums: most calls are like the one before. */
const isAlike = (call: CallRow, other: CallRow): boolean =>
  call[7] === other[7] && call[6] === other[6] && call[4] === other[4] && hourOf(call) === hourOf(other)

function rowFor(rows: Map<string, Row>, call: CallRow, hour: number, admit: (hour: number, pair: string) => boolean): Row {
  const [, , , , ok, , owner, wanted] = call
  const provider = owner ?? "_none"
  const model = admit(hour, `${provider}\n${wanted}`) ? wanted : "_other"
  const key = `${hour}\n${provider}\n${model}\n${ok}`
  const row = rows.get(key) ?? emptyRow(hour, provider, model, ok === 1)
  rows.set(key, row)
  return row
}

const emptyRow = (hour: number, provider: string, model: string, ok: boolean): Row => ({
  hour,
  provider,
  model,
  ok,
  calls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cost: 0,
  unpriced: 0,
  durationMs: 0,
})
