import type { Registry } from "prom-client"
import type { CallRecord, TryRecord } from "../core/record.ts"
import type { Observer } from "./call-metrics.ts"
import { seriesKey } from "./dimension-labels.ts"
import { errorTypeOf } from "./error-type.ts"
import { type BoundedLabel, boundedTable } from "./metric-label.ts"
import { counterFamily, histogramFamily, type Labels } from "./tally.ts"

const seriesLimit = 2_000
const latencies = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600]

/** Counts the tries of finished calls, and the changes of keys between them. */
export function tryMetrics(registry: Registry, models: BoundedLabel): Observer {
  const upstream = counterFamily(registry, "bifrost_upstream_requests_total", "Tries against upstreams")
  const latency = histogramFamily(registry, "bifrost_upstream_latency_seconds", "Length of a try, stream included", latencies)
  const resent = counterFamily(
    registry,
    "gantry_upstream_resent_total",
    "Requests sent once more because a kept connection was closed",
  )
  const rotated = counterFamily(registry, "bifrost_key_rotation_events_total", "Tries after which another key was taken")
  const pair = (labels: Labels, success: boolean) => ({
    count: upstream.child(labels),
    latency: latency.child({ ...labels, is_success: String(success) }),
  })
  const tries = boundedTable(seriesLimit, () => pair({ provider: "_other", model: "_other" }, false))
  const resends = boundedTable(seriesLimit, () => resent.child({ provider: "_other" }))
  const rotations = boundedTable(seriesLimit, () => rotated.child({ provider: "_other" }))

  const countResent = (provider: string) => {
    const count = resends.find(provider, "", "") ?? resends.add(provider, "", "", resent.child({ provider }))
    count.value += 1
  }
  const countTry = (one: TryRecord, method: string, model: string, extra: Labels) => {
    const { provider, keyId = "", keyName = "" } = one
    const success = one.error === undefined
    const key = seriesKey(keyId, method, success ? 0 : 1, extra)
    let kept = tries.find(provider, model, key)
    if (!kept) {
      const labels = { ...extra, provider, model, method, selected_key_id: keyId, selected_key_name: keyName }
      kept = tries.add(provider, model, key, pair(labels, success))
    }
    kept.count.value += 1
    latency.observe(kept.latency, (one.endMs - one.startMs) / 1_000)
    if (one.resent) countResent(provider)
  }
  const countRotation = (one: TryRecord, { requestedModel }: CallRecord, trusted: boolean) => {
    if (!one.error || one.action !== "next key") return
    const requested = models.of(requestedModel, trusted)
    const { provider, keyId = "", keyName = "" } = one
    const reason = errorTypeOf(one.error)
    const key = `${keyId}\n${reason}`
    let count = rotations.find(provider, requested, key)
    if (!count) {
      const labels = { provider, requested_model: requested, key_id: keyId, key_name: keyName }
      count = rotations.add(provider, requested, key, rotated.child({ ...labels, fail_reason: reason }))
    }
    count.value += 1
  }
  return (record, trusted, extra) => {
    for (const one of record.tries) {
      countTry(one, record.method, models.of(one.model, trusted), extra)
      countRotation(one, record, trusted)
    }
  }
}
