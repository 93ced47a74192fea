import { fault } from "../../core/error.ts"
import { type AskedWorker, askedWorker } from "../../lib/asked-worker.ts"
import type { ReadAnswer, ReadAsk } from "./messages.ts"

const maxWaiting = 32
const hungMs = 30_000

/** The main thread's end of the reader Worker: rejects with a GatewayFault when the log cannot be read, or when more than 32 questions wait. */
export const readerLink = (): AskedWorker<ReadAsk, ReadAnswer> =>
  askedWorker({
    start: () => new Worker(new URL("./log-reader.ts", import.meta.url), { ref: false }),
    most: maxWaiting,
    hungMs,
    problem(kind, message) {
      switch (kind) {
        case "cancelled":
          return fault("cancelled", "the log query was cancelled")
        case "full":
          return fault("overloaded", "too many log queries are waiting", { blame: "gateway" })
        case "broken":
          return fault("overloaded", `the log cannot be read: ${message}`, { blame: "gateway" })
        default:
          return kind satisfies never
      }
    },
  })
