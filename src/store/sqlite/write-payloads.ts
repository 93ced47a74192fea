import { sql } from "drizzle-orm"
import type { Opened } from "./database.ts"
import type { Entry } from "./entry.ts"
import { prepared } from "./prepared.ts"
import { blocks, payloads } from "./schema.ts"

/** Larger batches are cut into blocks of about this size, so that reading one payload unpacks little. */
const blockBytes = 1024 * 1024
const level = 1

interface Placed {
  readonly at: number
  readonly callId: string
  readonly ordinal: number
  readonly side: string
  readonly wire: string
  readonly contentType: string
  readonly size: number
  readonly start: number
  readonly length: number
}

interface Block {
  readonly parts: Uint8Array[]
  readonly rows: Placed[]
  length: number
}

/** Writes the payloads of one day in one transaction, compressed together. */
export function payloadWriter(file: Opened): (entries: readonly Entry[]) => void {
  const { drizzle } = file
  const block = prepared<{ data: Buffer }>(file, drizzle.insert(blocks).values({ data: sql.placeholder("data") }))
  const row = prepared<Placed & { block: number }>(file, drizzle.insert(payloads).values(placeholders()).onConflictDoNothing())
  const write = file.client.transaction((packed: readonly { data: Buffer; rows: readonly Placed[] }[]) => {
    for (const { data, rows } of packed) {
      const id = block({ data })
      for (const placed of rows) row({ ...placed, block: id })
    }
  })
  return (entries) => {
    const packed = pack(entries)
    if (packed.length > 0) write.immediate(packed)
  }
}

const placeholders = () => ({
  at: sql.placeholder("at"),
  callId: sql.placeholder("callId"),
  ordinal: sql.placeholder("ordinal"),
  side: sql.placeholder("side"),
  wire: sql.placeholder("wire"),
  contentType: sql.placeholder("contentType"),
  size: sql.placeholder("size"),
  block: sql.placeholder("block"),
  start: sql.placeholder("start"),
  length: sql.placeholder("length"),
})

function pack(entries: readonly Entry[]): { data: Buffer; rows: readonly Placed[] }[] {
  const made: Block[] = []
  let open: Block | undefined
  for (const entry of entries) {
    const { at, id: callId } = entry.record
    for (const [ordinal, { note, bytes }] of entry.payloads.entries()) {
      if (!open || (open.length > 0 && open.length + bytes.length > blockBytes)) {
        open = { parts: [], rows: [], length: 0 }
        made.push(open)
      }
      const { side, wire, contentType, size, length } = note
      open.rows.push({ at, callId, ordinal, side, wire, contentType, size, start: open.length, length })
      open.parts.push(bytes)
      open.length += bytes.length
    }
  }
  return made.map(({ parts, rows }) => ({ data: Bun.zstdCompressSync(Buffer.concat(parts), { level }), rows }))
}
