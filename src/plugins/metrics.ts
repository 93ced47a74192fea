// The package as a whole also loads what pushes to a gateway and what joins a cluster: Node's HTTP and compression, 2 MB.
import Counter from "prom-client/lib/counter.js"
import Gauge from "prom-client/lib/gauge.js"
import Registry from "prom-client/lib/registry.js"
import type { CallRecord } from "../core/record.ts"
import { callMetrics } from "./call-metrics.ts"
import { dimensionLabels } from "./dimension-labels.ts"
import { type HttpExchange, httpMetrics } from "./http-metrics.ts"
import { boundedLabel } from "./metric-label.ts"
import { type Sources, stateMetrics } from "./state-metrics.ts"
import { tryMetrics } from "./try-metrics.ts"

/** The Prometheus registry. Names are Bifrost's where it has one, `gantry_*` otherwise; label values are bounded whatever clients send. */
export interface Metrics {
  /** A finished call, with its tries and key changes. Never throws. */
  observeCall(record: CallRecord): void
  callStarted(method: string): void
  callEnded(method: string): void
  httpObserved(exchange: HttpExchange): void
  /** A plugin that failed and was left out of a call. */
  pluginSkipped(plugin: string): void
  text(): Promise<string>
  readonly contentType: string
}

const modelLimit = 500

/** An empty registry of its own. `sources` are asked when the text is, so gauges of absent ones are absent. */
export function metrics(sources: Sources = {}): Metrics {
  const registry = new Registry()
  const models = boundedLabel(modelLimit)
  const observe = callMetrics(registry, models)
  const observeTries = tryMetrics(registry, models)
  const dimensions = dimensionLabels(sources.labels ?? noNames)
  const active = new Map<string, number>()
  const step = (method: string, by: number) => active.set(method, (active.get(method) ?? 0) + by)
  new Gauge({
    name: "bifrost_active_requests",
    help: "Calls under way",
    labelNames: ["method"],
    registers: [registry],
    collect() {
      for (const [method, count] of active) this.set({ method }, count)
    },
  })
  const skips = new Counter({
    name: "gantry_plugin_skips_total",
    help: "Plugins that failed and were left out of a call",
    labelNames: ["plugin"],
    registers: [registry],
  })
  const httpObserved = httpMetrics(registry)
  stateMetrics(registry, sources)

  return {
    observeCall(record) {
      const trusted = vouched(record)
      const extra = dimensions(record, trusted)
      observe(record, trusted, extra)
      observeTries(record, trusted, extra)
    },
    callStarted: (method) => void step(method, 1),
    callEnded: (method) => void step(method, -1),
    httpObserved,
    pluginSkipped: (plugin) => skips.inc({ plugin }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

const noNames = (): readonly string[] => []

/** A model name becomes a label only once a provider has had nothing against it: callers may send any name. */
const vouched = (record: CallRecord): boolean => record.provider !== undefined && record.error?.blame !== "request"
