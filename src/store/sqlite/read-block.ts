import { eq } from "drizzle-orm"
import type { Opened } from "./database.ts"
import type { PayloadNote } from "./messages.ts"
import { unpacked } from "./packed.ts"
import { blocks } from "./schema.ts"

/** The texts of the calls that were written together, by slot. */
export interface TextBlock {
  /** There is nothing of it that can be read. */
  readonly lost: boolean
  /** All of it. */
  text(): string
  /** As JSON; undefined when there is no such slot. */
  record(slot: number): string | undefined
  notes(slot: number): readonly PayloadNote[]
}

/** Undefined when there is none, or none that can be unpacked. */
export function blockData({ drizzle }: Opened, id: number): Buffer | undefined {
  const row = drizzle.select({ data: blocks.data }).from(blocks).where(eq(blocks.id, id)).get()
  return row && unpacked(row.data)
}

/** Gives strings of their own, so that one record does not hold its whole block. */
export function textBlock(file: Opened, id: number): TextBlock {
  const found = blockData(file, id)
  const data = found ?? Buffer.alloc(0)
  let ends: readonly number[] | undefined
  const line = (index: number): string | undefined => {
    ends ??= endsIn(data)
    return index < ends.length ? data.toString("utf8", index === 0 ? 0 : (ends[index - 1] ?? 0) + 1, ends[index]) : undefined
  }
  return {
    lost: found === undefined,
    text: () => data.toString(),
    record: (slot) => line(2 * slot),
    notes: (slot) => JSON.parse(line(2 * slot + 1) || "[]") as readonly PayloadNote[],
  }
}

const newline = 10

function endsIn(data: Buffer): readonly number[] {
  const ends: number[] = []
  for (let end = data.indexOf(newline); end >= 0; end = data.indexOf(newline, end + 1)) ends.push(end)
  return ends
}
