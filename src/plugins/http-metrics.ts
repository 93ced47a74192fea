import type { Registry } from "prom-client"
import type { HttpExchange } from "../core/http-exchange.ts"
import { boundedTable } from "./metric-label.ts"
import { counterFamily, histogramFamily, type Labels } from "./tally.ts"

export type { HttpExchange }

const seriesLimit = 1_000
const methods = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
const durations = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
const sizes = [1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]

/** Counts exchanges with clients by route, method and status. */
export function httpMetrics(registry: Registry): (exchange: HttpExchange) => void {
  const requests = counterFamily(registry, "http_requests_total", "HTTP requests")
  const duration = histogramFamily(registry, "http_request_duration_seconds", "Time to the end of the answer", durations)
  const received = histogramFamily(registry, "http_request_size_bytes", "Size of request bodies", sizes)
  const sent = histogramFamily(registry, "http_response_size_bytes", "Size of answer bodies", sizes)
  const seriesOf = (labels: Labels) => ({
    requests: requests.child(labels),
    duration: duration.child(labels),
    received: received.child(labels),
    sent: sent.child(labels),
  })
  const series = boundedTable(seriesLimit, () => seriesOf({ path: "_other", method: "_other", status: "_other" }))
  return ({ route, method: sentMethod, status, seconds, bytesIn, bytesOut }) => {
    const method = methods.has(sentMethod) ? sentMethod : "_other"
    const code = String(status)
    const kept =
      series.find(route, method, code) ?? series.add(route, method, code, seriesOf({ path: route, method, status: code }))
    kept.requests.value += 1
    duration.observe(kept.duration, seconds)
    received.observe(kept.received, bytesIn)
    sent.observe(kept.sent, bytesOut)
  }
}
