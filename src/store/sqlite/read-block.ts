import { eq } from "drizzle-orm"
import type { Opened } from "./database.ts"
import type { PayloadNote } from "./messages.ts"
import { unpacked } from "./packed.ts"
import { blocks } from "./schema.ts"

/** The texts of the calls that were written together, by slot. */
export interface TextBlock {
  /** As JSON; undefined when there is no such slot. */
  record(slot: number): string | undefined
  notes(slot: number): readonly PayloadNote[]
}

export function blockData({ drizzle }: Opened, id: number): Buffer | undefined {
  const row = drizzle.select({ data: blocks.data }).from(blocks).where(eq(blocks.id, id)).get()
  return row && unpacked(row.data)
}

/** Gives strings of their own, so that one record does not hold its whole block. */
export function textBlock(file: Opened, id: number): TextBlock {
  const data = blockData(file, id) ?? Buffer.alloc(0)
  const ends: number[] = []
  for (let end = data.indexOf(newline); end >= 0; end = data.indexOf(newline, end + 1)) ends.push(end)
  const line = (index: number) => data.toString("utf8", index === 0 ? 0 : (ends[index - 1] ?? 0) + 1, ends[index])
  return {
    record: (slot) => (2 * slot < ends.length ? line(2 * slot) : undefined),
    notes(slot) {
      const text = 2 * slot + 1 < ends.length ? line(2 * slot + 1) : ""
      return text === "" ? [] : (JSON.parse(text) as readonly PayloadNote[])
    },
  }
}

const newline = 10
