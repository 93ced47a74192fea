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
