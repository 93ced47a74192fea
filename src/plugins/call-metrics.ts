import type { Registry } from "prom-client"
import type { CallRecord } from "../core/record.ts"
import { sides } from "../core/usage.ts"
import { seriesKey } from "./dimension-labels.ts"
import { errorTypeOf } from "./error-type.ts"
import { type BoundedLabel, boundedTable } from "./metric-label.ts"
import { type Count, counterFamily, type Distribution, histogramFamily, type Labels } from "./tally.ts"

const seriesLimit = 2_000

const firstTokens = [0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 30, 60]
const betweenTokens = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.25, 0.5, 1]
const overheads = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 250_000]
const retries = [0, 1, 2, 3, 5, 10]

function familiesOf(registry: Registry) {
  const counter = (name: string, help: string) => counterFamily(registry, name, help)
  const histogram = (name: string, help: string, bounds: readonly number[]) => histogramFamily(registry, name, help, bounds)
  return {
    success: counter("bifrost_success_requests_total", "Calls answered in full"),
    errors: counter("bifrost_error_requests_total", "Calls that failed, were cut off or given up"),
    input: counter("bifrost_input_tokens_total", "Input tokens, cached ones included"),
    output: counter("bifrost_output_tokens_total", "Output tokens, reasoning included"),
    cost: counter("bifrost_cost_total", "US dollars of the calls whose price is known"),
    unpriced: counter("gantry_unpriced_calls_total", "Calls with usage whose price is not known"),
    unexplained: counter(
      "gantry_unexplained_tokens_total",
      "Tokens by which a vendor's total differs from the sum of its classes",
    ),
    firstToken: histogram(
      "bifrost_stream_first_token_latency_seconds",
      "From the call's start to its first content",
      firstTokens,
    ),
    betweenTokens: histogram("bifrost_stream_inter_token_latency_seconds", "Mean time between a stream's tokens", betweenTokens),
    overhead: histogram("bifrost_overhead_latency_microseconds", "The gateway's own time in a call", overheads),
    retries: histogram("bifrost_request_retries", "Tries after the first one", retries),
    notices: counter("gantry_notices_total", "Losses and adaptations by code"),
  }
}
type Families = ReturnType<typeof familiesOf>

/** The label sets of one kind of call, kept. What few calls need is made when the first one does. */
interface Series {
  readonly labels: Labels
  readonly overhead: Distribution
  readonly retries: Distribution
  readonly errors: Map<string, Count>
  success?: Count
  input?: Count
  output?: Count
  cost?: Count
  unpriced?: Count
  unexplained?: Count
  firstToken?: Distribution
  betweenTokens?: Distribution
}

const seriesOf = (families: Families, labels: Labels): Series => ({
  labels,
  overhead: families.overhead.child(labels),
  retries: families.retries.child(labels),
  errors: new Map(),
})

/** Takes a finished call. `extra` are labels that the operator asked for. */
export type Observer = (record: CallRecord, trusted: boolean, extra: Labels) => void

/** Counts finished calls by where they went. */
export function callMetrics(registry: Registry, models: BoundedLabel): Observer {
  const families = familiesOf(registry)
  const rest = { provider: "_other", model: "_other" }
  const series = boundedTable(seriesLimit, () => seriesOf(families, rest))
  const notices = boundedTable(seriesLimit, () => families.notices.child({ code: "_other" }))
  return (record, trusted, extra) => {
    const model = models.of(record.model, trusted)
    const { keyId = "", keyName = "" } = succeeded(record) ? record : noKey
    const provider = record.provider ?? "_none"
    const { method, fallbackIndex } = record
    const key = seriesKey(keyId, method, fallbackIndex, extra)
    let kept = series.find(provider, model, key)
    if (!kept) {
      const base = { ...extra, provider, model, method, fallback_index: String(fallbackIndex) }
      kept = series.add(provider, model, key, seriesOf(families, { ...base, selected_key_id: keyId, selected_key_name: keyName }))
    }
    families.overhead.observe(kept.overhead, record.overheadUs)
    families.retries.observe(kept.retries, Math.max(0, record.tries.length - 1))
    countEnd(families, kept, record)
    const output = countUsage(families, kept, record)
    if (record.stream) observeStream(families, kept, record, output)
    for (const { code, effect, side, count } of record.notices) {
      const counted =
        notices.find(code, effect, side) ?? notices.add(code, effect, side, families.notices.child({ code, effect, side }))
      counted.value += count
    }
  }
}

const noKey: { readonly keyId?: string; readonly keyName?: string } = {}

const succeeded = (record: CallRecord): boolean => record.end === "complete" && record.status < 400

function countEnd(families: Families, kept: Series, record: CallRecord): void {
  if (succeeded(record)) {
    kept.success ??= families.success.child(kept.labels)
    kept.success.value += 1
    return
  }
  const type = record.error ? errorTypeOf(record.error) : record.end === "aborted" ? "caller_cancelled" : "_OTHER"
  const key = `${record.status} ${type}`
  let count = kept.errors.get(key)
  if (!count) {
    count = families.errors.child({ ...kept.labels, status_code: String(record.status), error_type: type })
    kept.errors.set(key, count)
  }
  count.value += 1
}

/** Gives the number of output tokens. */
function countUsage(families: Families, kept: Series, { usage, cost }: CallRecord): number {
  if (!usage) return 0
  const { input, output } = sides(usage)
  kept.input ??= families.input.child(kept.labels)
  kept.input.value += input
  kept.output ??= families.output.child(kept.labels)
  kept.output.value += output
  if (cost === undefined) {
    kept.unpriced ??= families.unpriced.child(kept.labels)
    kept.unpriced.value += 1
  } else {
    kept.cost ??= families.cost.child(kept.labels)
    kept.cost.value += cost
  }
  if (usage.unexplained !== 0) {
    kept.unexplained ??= families.unexplained.child(kept.labels)
    kept.unexplained.value += Math.abs(usage.unexplained)
  }
  return output
}

function observeStream(families: Families, kept: Series, { firstTokenMs, lastTokenMs }: CallRecord, output: number): void {
  if (firstTokenMs === undefined) return
  kept.firstToken ??= families.firstToken.child(kept.labels)
  families.firstToken.observe(kept.firstToken, firstTokenMs / 1_000)
  if (lastTokenMs === undefined || output < 2) return
  kept.betweenTokens ??= families.betweenTokens.child(kept.labels)
  families.betweenTokens.observe(kept.betweenTokens, (lastTokenMs - firstTokenMs) / 1_000 / (output - 1))
}
