import type { LogQuery } from "../../core/record.ts"
import type { Position } from "./cursor.ts"

export interface Limits {
  /** Days of UTC kept beside today. */
  readonly retentionDays: number
  /** All files of the log together, in bytes. */
  readonly maxBytes: number
}

/** How one payload lies among its call's. */
export type PayloadNote = readonly [side: string, wire: string, contentType: string, size: number, length: number]

export interface BatchMessage {
  readonly type: "batch"
  readonly entries: number
  /** What the batch weighs in the queue; comes back when it is done. */
  readonly weight: number
  /** A JSON array of one `Row` an entry. */
  readonly rows: string
  /** Two lines an entry, in UTF-8: the record, then the list of its payload notes. */
  readonly texts: ArrayBuffer
  readonly textBytes: number
  /** All payloads end to end, in the order of their notes. */
  readonly payloads: ArrayBuffer
  /** With all of them open. */
  readonly payloadBytes: number
  /** What is used of the buffer, and the compressed runs in it. */
  readonly keptBytes: number
  readonly runs: readonly number[]
  /** Start and end in turn of each payload that was cut. */
  readonly cut: readonly number[]
  /** The same of those that are streams of events. */
  readonly streams: readonly number[]
}

export type ToWriter =
  | { readonly type: "open"; readonly directory: string; readonly limits: Limits }
  /** Texts that payloads of later batches are not to be written with. */
  | { readonly type: "secrets"; readonly texts: readonly string[] }
  | BatchMessage
  | { readonly type: "stop" }

export type FromWriter =
  | {
      readonly type: "done"
      readonly entries: number
      readonly weight: number
      readonly written: number
      readonly trouble?: string
      /** The batch's buffers, to be used again. */
      readonly spares: readonly ArrayBuffer[]
    }
  /** A batch could not be written yet; it stays queued and is tried again, at once where what was in the way could be moved. */
  | { readonly type: "stuck"; readonly trouble: string }
  | { readonly type: "stopped" }

export type ReadAsk = { readonly directory: string } & (
  | { readonly type: "list"; readonly query: LogQuery; readonly after?: Position; readonly withinMs: number }
  | { readonly type: "get"; readonly id: string }
  | { readonly type: "rollups"; readonly from: number; readonly to: number }
)

export type ReadAnswer = ListAnswer | GetAnswer | readonly Rollup[] | undefined

export interface ListAnswer {
  /** A JSON array of records. */
  readonly records: string
  readonly next?: Position
  readonly complete: boolean
  /** As in LogPage. */
  readonly unreadable?: readonly string[]
}

export interface GetAnswer {
  /** The record as JSON. */
  readonly record: string
  readonly payloads: readonly {
    readonly side: string
    readonly wire: string
    readonly contentType: string
    readonly size: number
    readonly bytes: Uint8Array<ArrayBuffer>
  }[]
  /** There were payloads, which are not kept or cannot be read. */
  readonly lost?: true
}

export interface Rollup {
  /** Milliseconds since 1970, at the full hour. */
  readonly hour: number
  readonly provider: string
  readonly model: string
  readonly status: "success" | "error"
  readonly calls: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** US dollars of the calls whose cost is known. */
  readonly cost: number
  readonly unpricedCalls: number
  readonly durationMs: number
}
