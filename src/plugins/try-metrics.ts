import type { Registry } from "prom-client"
import type { CallRecord, TryRecord } from "../core/record.ts"
import type { Observer } from "./call-metrics.ts"
import { seriesKey } from "./dimension-labels.ts"
import { errorTypeOf } from "./error-type.ts"
import { type BoundedLabel, boundedTable } from "./metric-label.ts"
import { type Count, counterFamily, type Distribution, histogramFamily, type Labels } from "./tally.ts"

const seriesLimit = 2_000
const latencies = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600]

/** The tries against one model with one key; each outcome's latencies from the first one on. */
interface Series {
  readonly labels: Labels
  readonly count: Count
  succeeded?: Distribution
  failed?: Distribution
}

/** Counts the tries of finished calls, and the changes of keys between them. */
export function tryMetrics(registry: Registry, models: BoundedLabel): Observer {
  const upstream = counterFamily(registry, "bifrost_upstream_requests_total", "Tries against upstreams")
  const latency = histogramFamily(registry, "bifrost_upstream_latency_seconds", "Length of a try, stream included", latencies)
  const resent = counterFamily(
    registry,
    "gantry_upstream_resent_total",
    "Requests sent once more because a kept connection was closed",
  )
  const countRotations = rotationMetrics(registry, models)
  const seriesOf = (labels: Labels): Series => ({ labels, count: upstream.child(labels) })
  const tries = boundedTable(seriesLimit, () => seriesOf({ provider: "_other", model: "_other" }))
  const resends = boundedTable(seriesLimit, () => resent.child({ provider: "_other" }))

  const countResent = (provider: string) => {
    const count = resends.find(provider, "", "") ?? resends.add(provider, "", "", resent.child({ provider }))
    count.value += 1
  }
  const countTry = (one: TryRecord, method: string, model: string, extra: Labels) => {
    const { provider, keyId = "", keyName = "" } = one
    const key = seriesKey(keyId, method, 0, extra)
    let kept = tries.find(provider, model, key)
    if (!kept) {
      const labels = { ...extra, provider, model, method, selected_key_id: keyId, selected_key_name: keyName }
      kept = tries.add(provider, model, key, seriesOf(labels))
    }
    kept.count.value += 1
    const seconds = (one.endMs - one.startMs) / 1_000
    if (one.error === undefined) {
      kept.succeeded ??= latency.child({ ...kept.labels, is_success: "true" })
      latency.observe(kept.succeeded, seconds)
    } else {
      kept.failed ??= latency.child({ ...kept.labels, is_success: "false" })
      latency.observe(kept.failed, seconds)
    }
    if (one.resent) countResent(provider)
  }
  return (record, trusted, extra) => {
    for (const one of record.tries) countTry(one, record.method, models.of(one.model, trusted), extra)
    if (record.tries.length > 1) countRotations(record, trusted)
  }
}

/** Counts each try after which another key of the same provider was taken. */
function rotationMetrics(registry: Registry, models: BoundedLabel): (record: CallRecord, trusted: boolean) => void {
  const rotated = counterFamily(registry, "bifrost_key_rotation_events_total", "Tries after which another key was taken")
  const rotations = boundedTable(seriesLimit, () => rotated.child({ provider: "_other" }))
  return ({ tries, requestedModel }, trusted) => {
    for (const [index, { provider, keyId = "", keyName = "", error, action }] of tries.entries()) {
      const next = tries[index + 1]
      if (!error || action !== "next key" || next?.provider !== provider || next.keyId === keyId) continue
      const requested = models.of(requestedModel, trusted)
      const reason = errorTypeOf(error)
      const key = `${keyId}\n${reason}`
      let count = rotations.find(provider, requested, key)
      if (!count) {
        const labels = { provider, requested_model: requested, key_id: keyId, key_name: keyName }
        count = rotations.add(provider, requested, key, rotated.child({ ...labels, fail_reason: reason }))
      }
      count.value += 1
    }
  }
}
