import type { Metric, Registry } from "prom-client"

export type Labels = Readonly<Record<string, string>>

/** One label set of a counter. Adding to `value` is all there is to counting. */
export interface Count {
  readonly labels: Labels
  value: number
}

/** One label set of a histogram. */
export interface Distribution {
  readonly labels: Labels
  readonly buckets: Float64Array
  sum: number
  count: number
}

export interface CounterFamily {
  /** A new label set; the caller keeps it, and bounds how many there are. */
  child(labels: Labels): Count
}

export interface HistogramFamily {
  child(labels: Labels): Distribution
  observe(child: Distribution, value: number): void
}

interface Sample {
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** A counter whose label sets are looked up once: prom-client's own are hashed at every step, which adds up to half the cost of a relayed call. */
export function counterFamily(registry: Registry, name: string, help: string): CounterFamily {
  const children: Count[] = []
  register(registry, name, help, "counter", () => children)
  return {
    child(labels) {
      const made = { labels, value: 0 }
      children.push(made)
      return made
    },
  }
}

/** The same for a histogram. `bounds` ascend. */
export function histogramFamily(registry: Registry, name: string, help: string, bounds: readonly number[]): HistogramFamily {
  const children: Distribution[] = []
  register(registry, name, help, "histogram", () => children.flatMap((child) => samplesOf(name, bounds, child)))
  return {
    child(labels) {
      const made = { labels, buckets: new Float64Array(bounds.length + 1), sum: 0, count: 0 }
      children.push(made)
      return made
    },
    observe(child, value) {
      if (!Number.isFinite(value)) return
      let index = 0
      while (index < bounds.length && value > (bounds[index] ?? 0)) index += 1
      child.buckets[index] = (child.buckets[index] ?? 0) + 1
      child.sum += value
      child.count += 1
    },
  }
}

function samplesOf(name: string, bounds: readonly number[], { labels, buckets, sum, count }: Distribution): Sample[] {
  const samples: Sample[] = []
  let below = 0
  for (const [index, le] of [...bounds, "+Inf"].entries()) {
    below += buckets[index] ?? 0
    samples.push({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: below })
  }
  samples.push({ metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: count })
  return samples
}

function register(
  registry: Registry,
  name: string,
  help: string,
  type: "counter" | "histogram",
  values: () => readonly Sample[],
) {
  const metric = {
    name,
    help,
    type,
    aggregator: "sum",
    get: async () => ({ name, help, type, aggregator: "sum", values: values() }),
  }
  // A registry asks no more of a metric than its name and its `get`.
  registry.registerMetric(metric as unknown as Metric)
}
