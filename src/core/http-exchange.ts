import type { CallRecord } from "./record.ts"

/** What is counted of a request and its answer. */
export interface HttpExchange {
  /** The template that matched, such as `/api/logs/:id`; never the address itself. */
  readonly route: string
  readonly method: string
  readonly status: number
  readonly seconds: number
  readonly bytesIn: number
  readonly bytesOut: number
}

/** A finished call as one. Paths of calls are those of the endpoints, so there are few of them. */
export const callExchange = (record: CallRecord): HttpExchange => ({
  route: record.path,
  method: "POST",
  status: record.status,
  seconds: record.durationMs / 1_000,
  bytesIn: record.requestBytes,
  bytesOut: record.responseBytes,
})
