import { monitorEventLoopDelay } from "node:perf_hooks"
import type { Registry } from "prom-client"
import Counter from "prom-client/lib/counter.js"
import Gauge from "prom-client/lib/gauge.js"
import type { LogHealth } from "../core/record.ts"

export interface KeyState {
  readonly provider: string
  readonly id: string
  readonly name: string
  /** False while it is left alone after a failure. */
  readonly up: boolean
}

export interface QueueState {
  readonly provider: string
  readonly running: number
  readonly waiting: number
}

/** Where the state that is read at each scrape comes from; what is absent is not shown. */
export interface Sources {
  /** Names of what callers say about their calls that become labels. */
  readonly labels?: () => readonly string[]
  readonly log?: () => LogHealth
  readonly keys?: () => Iterable<KeyState>
  readonly queues?: () => Iterable<QueueState>
  /** What is being served: the file, a detected setup, or the last good copy. */
  readonly config?: () => { readonly source: string; readonly version: number; readonly problems: number }
}

/** Gauges that are looked up when somebody asks, not kept up to date. */
export function stateMetrics(registry: Registry, sources: Sources): void {
  processState(registry)
  if (sources.log) logState(registry, sources.log)
  if (sources.keys) keyState(registry, sources.keys)
  if (sources.queues) queueState(registry, sources.queues)
  if (sources.config) configState(registry, sources.config)
}

function processState(registry: Registry): void {
  const registers = [registry]
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  new Gauge({
    name: "gantry_event_loop_lag_seconds",
    help: "Longest hold-up of the main thread since the last scrape",
    registers,
    collect() {
      this.set(Math.max(0, delay.max) / 1e9)
      delay.reset()
    },
  })
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory",
    registers,
    collect() {
      this.set(process.memoryUsage.rss())
    },
  })
  new Counter({
    name: "process_cpu_seconds_total",
    help: "CPU time of all threads",
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
  new Gauge({ name: "process_start_time_seconds", help: "Start of the process", registers }).set(
    Date.now() / 1_000 - process.uptime(),
  )
}

function logState(registry: Registry, read: () => LogHealth): void {
  const registers = [registry]
  new Gauge({
    name: "gantry_log_state",
    help: "1 for the state the log is in",
    labelNames: ["state"],
    registers,
    collect() {
      const { state } = read()
      for (const name of ["ok", "degraded", "down", "off"] as const) this.set({ state: name }, name === state ? 1 : 0)
    },
  })
  new Gauge({
    name: "gantry_log_queue_entries",
    help: "Calls waiting to be logged",
    registers,
    collect() {
      this.set(read().queued)
    },
  })
  for (const kind of ["written", "dropped"] as const) {
    new Counter({
      name: `gantry_log_${kind}_total`,
      help: `Calls ${kind} by the log`,
      registers,
      collect() {
        this.reset()
        this.inc(read()[kind])
      },
    })
  }
}

function keyState(registry: Registry, read: () => Iterable<KeyState>): void {
  new Gauge({
    name: "bifrost_provider_key_up",
    help: "1 for a key in use, 0 for one that is left alone after a failure",
    labelNames: ["provider", "key_id", "key_name"],
    registers: [registry],
    collect() {
      this.reset()
      for (const key of read()) this.set({ provider: key.provider, key_id: key.id, key_name: key.name }, key.up ? 1 : 0)
    },
  })
}

function queueState(registry: Registry, read: () => Iterable<QueueState>): void {
  for (const kind of ["running", "waiting"] as const) {
    new Gauge({
      name: `gantry_provider_${kind}_requests`,
      help: kind === "running" ? "Requests a provider is working on" : "Requests waiting for a slot of a provider",
      labelNames: ["provider"],
      registers: [registry],
      collect() {
        this.reset()
        for (const queue of read()) this.set({ provider: queue.provider }, queue[kind])
      },
    })
  }
}

function configState(registry: Registry, read: NonNullable<Sources["config"]>): void {
  const registers = [registry]
  new Gauge({
    name: "gantry_config_info",
    help: "1 for the source of the configuration in use",
    labelNames: ["source"],
    registers,
    collect() {
      this.reset()
      this.set({ source: read().source }, 1)
    },
  })
  new Gauge({
    name: "gantry_config_version",
    help: "Configurations taken into use since the start",
    registers,
    collect() {
      this.set(read().version)
    },
  })
  new Gauge({
    name: "gantry_config_problems",
    help: "What is wrong with the configuration file as it is now",
    registers,
    collect() {
      this.set(read().problems)
    },
  })
}
