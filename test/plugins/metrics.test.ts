import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import type { CallRecord, TryRecord } from "../../src/core/record.ts"
import { type Metrics, metrics } from "../../src/plugins/metrics.ts"
import { sampleRecord } from "../store/sample.ts"

type Labels = Readonly<Record<string, string>>

/** The samples of a scrape, as a scraper would read them. */
async function scrape(from: Metrics): Promise<{ name: string; labels: Labels; value: number }[]> {
  const samples = []
  for (const line of (await from.text()).split("\n")) {
    const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (!match) continue
    const labels = [...(match[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value])
    samples.push({ name: match[1] ?? "", labels: Object.fromEntries(labels) as Labels, value: Number(match[3]) })
  }
  return samples
}

async function sampleOf(from: Metrics, name: string, labels: Labels = {}): Promise<number | undefined> {
  const found = (await scrape(from)).filter(
    (sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )
  return found.length === 0 ? undefined : found.reduce((sum, sample) => sum + sample.value, 0)
}

const tryOf = (change: Partial<TryRecord> = {}): TryRecord => ({
  provider: "north",
  model: "model-a",
  keyId: "key-1",
  keyName: "first",
  wire: "wire-a",
  lane: "relay",
  startMs: 0,
  endMs: 400,
  queueMs: 0,
  status: 200,
  action: "answered",
  ...change,
})

function failedRecord(change: Partial<CallRecord> = {}): CallRecord {
  const { cost: _, usage: __, stop: ___, ...rest } = sampleRecord()
  const error = { kind: "server-error", blame: "provider", message: "no" } as const
  return { ...rest, status: 502, end: "error", error, ...change }
}

describe("a finished call", () => {
  test("counts once, with its tokens, cost and overhead", async () => {
    const under = metrics()
    under.observeCall(sampleRecord({ tries: [tryOf()] }))
    under.observeCall(sampleRecord({ tries: [tryOf()], overheadUs: 700 }))
    const labels = {
      provider: "north",
      model: "model-a",
      method: "chat",
      selected_key_id: "key-1",
      selected_key_name: "first",
      fallback_index: "0",
    }
    expect(await sampleOf(under, "bifrost_success_requests_total", labels)).toBe(2)
    expect(await sampleOf(under, "bifrost_error_requests_total")).toBeUndefined()
    expect(await sampleOf(under, "bifrost_input_tokens_total", labels)).toBe(240)
    expect(await sampleOf(under, "bifrost_output_tokens_total", labels)).toBe(60)
    expect(await sampleOf(under, "bifrost_cost_total", labels)).toBeCloseTo(0.004, 12)
    expect(await sampleOf(under, "bifrost_overhead_latency_microseconds_sum", labels)).toBe(840)
    expect(await sampleOf(under, "bifrost_overhead_latency_microseconds_bucket", { ...labels, le: "200" })).toBe(1)
    expect(await sampleOf(under, "bifrost_overhead_latency_microseconds_bucket", { ...labels, le: "+Inf" })).toBe(2)
    expect(await sampleOf(under, "bifrost_upstream_requests_total", { provider: "north" })).toBe(2)
    expect(await sampleOf(under, "bifrost_upstream_latency_seconds_sum", { is_success: "true" })).toBeCloseTo(0.8, 9)
  })

  test("carries the labels that the operator named, bounded, and no others", async () => {
    const under = metrics({ labels: () => ["team", "provider"] })
    under.observeCall(sampleRecord({ tries: [tryOf()], dimensions: { team: "blue", provider: "liar", secret: "s" } }))
    under.observeCall(sampleRecord({ tries: [tryOf()] }))
    for (const name of ["bifrost_success_requests_total", "bifrost_upstream_requests_total"]) {
      expect(await sampleOf(under, name, { team: "blue", provider: "north" })).toBe(1)
      expect(await sampleOf(under, name, { team: "", provider: "north" })).toBe(1)
    }
    for (let index = 0; index < 300; index++) under.observeCall(sampleRecord({ dimensions: { team: `team ${index}` } }))
    const teams = new Set((await scrape(under)).map(({ labels }) => labels.team))
    expect(teams.size).toBeLessThanOrEqual(203)
    expect(await under.text()).not.toContain("secret")
  })

  test("whose request was sent twice within a try counts that by provider", async () => {
    const under = metrics()
    under.observeCall(sampleRecord({ tries: [tryOf(), tryOf({ resent: true })] }))
    under.observeCall(sampleRecord({ tries: [tryOf({ resent: true })] }))
    expect(await sampleOf(under, "gantry_upstream_resent_total", { provider: "north" })).toBe(2)
    expect(await sampleOf(under, "gantry_upstream_resent_total")).toBe(2)
  })

  test("that failed counts with its status and type, and no key", async () => {
    const under = metrics()
    under.observeCall(failedRecord())
    const labels = { status_code: "502", error_type: "provider_server_error", selected_key_id: "", model: "model-a" }
    expect(await sampleOf(under, "bifrost_error_requests_total", labels)).toBe(1)
    expect(await sampleOf(under, "bifrost_success_requests_total")).toBeUndefined()
  })

  test("whose client left in mid-stream counts as cancelled although its status was 200", async () => {
    const under = metrics()
    under.observeCall(sampleRecord({ end: "aborted" }))
    expect(await sampleOf(under, "bifrost_error_requests_total", { status_code: "200", error_type: "caller_cancelled" })).toBe(1)
  })

  test("without a known price adds nothing to the cost, and is counted as such", async () => {
    const under = metrics()
    const { cost: _, ...unpriced } = sampleRecord()
    under.observeCall({ ...unpriced, usage: { lines: [], unexplained: -7, raw: null, wire: "wire-a" } })
    expect(await sampleOf(under, "bifrost_cost_total")).toBeUndefined()
    expect(await sampleOf(under, "gantry_unpriced_calls_total")).toBe(1)
    expect(await sampleOf(under, "gantry_unexplained_tokens_total")).toBe(7)
  })

  test("as a stream tells its first token and the mean pause between tokens", async () => {
    const under = metrics()
    under.observeCall(sampleRecord({ stream: true, firstTokenMs: 200, lastTokenMs: 780 }))
    under.observeCall(sampleRecord({ stream: false, firstTokenMs: 200, lastTokenMs: 780 }))
    expect(await sampleOf(under, "bifrost_stream_first_token_latency_seconds_sum")).toBeCloseTo(0.2, 9)
    expect(await sampleOf(under, "bifrost_stream_inter_token_latency_seconds_sum")).toBeCloseTo(0.02, 9)
  })

  test("tells its tries, and each change of keys with its reason", async () => {
    const under = metrics()
    const limited = { kind: "rate-limit", blame: "key", message: "slow down" } as const
    under.observeCall(
      sampleRecord({
        tries: [tryOf({ status: 429, error: limited, action: "next key" }), tryOf({ keyId: "key-2", keyName: "second" })],
      }),
    )
    expect(await sampleOf(under, "bifrost_upstream_requests_total")).toBe(2)
    expect(await sampleOf(under, "bifrost_request_retries_bucket", { le: "0" })).toBe(0)
    expect(await sampleOf(under, "bifrost_request_retries_bucket", { le: "1" })).toBe(1)
    const rotation = { provider: "north", key_id: "key-1", key_name: "first", fail_reason: "provider_rate_limited" }
    expect(await sampleOf(under, "bifrost_key_rotation_events_total", rotation)).toBe(1)
    expect(await sampleOf(under, "bifrost_key_rotation_events_total")).toBe(1)
  })

  test("whose keys were all refused changed keys once less than it tried", async () => {
    const under = metrics()
    const refused = { kind: "authentication", blame: "key", message: "no" } as const
    const last = { keyId: "key-2", keyName: "second" }
    under.observeCall(
      failedRecord({
        tries: [
          tryOf({ status: 401, error: refused, action: "next key" }),
          tryOf({ ...last, status: 401, error: refused, action: "next key" }),
        ],
      }),
    )
    under.observeCall(
      failedRecord({
        tries: [tryOf({ status: 401, error: refused, action: "next key" }), tryOf({ provider: "south", keyId: "key-9" })],
      }),
    )
    expect(await sampleOf(under, "bifrost_key_rotation_events_total")).toBe(1)
    expect(await sampleOf(under, "bifrost_key_rotation_events_total", { key_id: "key-1" })).toBe(1)
  })

  test("tells its notices by code", async () => {
    const under = metrics()
    under.observeCall(
      sampleRecord({ notices: [{ code: "seal-foreign", path: "messages[*]", effect: "dropped", side: "request", count: 3 }] }),
    )
    expect(await sampleOf(under, "gantry_notices_total", { code: "seal-foreign", effect: "dropped", side: "request" })).toBe(3)
  })
})

describe("a scrape", () => {
  const anyTry = fc.record({
    provider: fc.constantFrom("north", "south"),
    model: fc.constantFrom("model-a", "model-b"),
    keyId: fc.constantFrom("key-1", "key-2"),
    failed: fc.boolean(),
    resent: fc.boolean(),
  })
  const anyCall = fc.record({
    tries: fc.array(anyTry, { maxLength: 3 }),
    stream: fc.boolean(),
    failed: fc.boolean(),
    fallbackIndex: fc.nat(2),
    dimensions: fc.constantFrom(undefined, { team: "blue" }, { model: "liar", status_code: "1", is_success: "2", path: "x" }),
  })

  test("has no sample twice, whatever calls there were and whatever labels the operator named", async () => {
    const error = { kind: "server-error", blame: "provider", message: "no" } as const
    const named = fc.subarray([
      "team",
      "model",
      "status_code",
      "is_success",
      "error_type",
      "key_id",
      "fail_reason",
      "path",
      "code",
    ])
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall, { minLength: 1, maxLength: 12 }), named, async (calls, names) => {
        const under = metrics({ labels: () => names })
        for (const { tries, failed, dimensions, ...call } of calls) {
          const made = tries.map(({ failed: bad, resent, ...one }) =>
            tryOf({
              ...one,
              keyName: one.keyId,
              ...(resent ? { resent } : {}),
              ...(bad ? { error, action: "next key" as const } : {}),
            }),
          )
          const rest = { ...call, ...(dimensions ? { dimensions } : {}), tries: made, firstTokenMs: 1, lastTokenMs: 9 }
          under.observeCall(failed ? failedRecord(rest) : sampleRecord(rest))
        }
        const samples = (await scrape(under)).map(({ name, labels }) => JSON.stringify([name, Object.entries(labels).sort()]))
        expect(new Set(samples).size).toBe(samples.length)
      }),
      { numRuns: 60 },
    )
  })
})

describe("labels are bounded", () => {
  const modelsIn = async (under: Metrics) => new Set((await scrape(under)).flatMap(({ labels }) => labels.model ?? []))

  test("names that a provider refused or that went nowhere are never labels", async () => {
    const under = metrics()
    const refused = { kind: "model-not-found", blame: "request", message: "no" } as const
    for (let index = 0; index < 50; index++) {
      const model = `invented-${index}`
      under.observeCall(
        failedRecord({ requestedModel: model, model, status: 404, error: refused, tries: [tryOf({ model, error: refused })] }),
      )
      const {
        provider: _,
        model: __,
        ...nowhere
      } = failedRecord({ requestedModel: model, status: 404, error: { ...refused, kind: "no-provider" } })
      under.observeCall(nowhere)
    }
    expect(await modelsIn(under)).toEqual(new Set(["_unknown"]))
    expect(await sampleOf(under, "bifrost_error_requests_total", { provider: "_none" })).toBe(50)
  })

  test("past 500 models the rest is one", async () => {
    const under = metrics()
    for (let index = 0; index < 700; index++) under.observeCall(sampleRecord({ model: `model-${index}` }))
    expect((await modelsIn(under)).size).toBe(501)
    expect(await sampleOf(under, "bifrost_success_requests_total", { model: "_other" })).toBe(200)
  })

  test("past the bound of series all else is one series, and nothing is lost", async () => {
    const under = metrics()
    for (let index = 0; index < 2_500; index++) under.observeCall(sampleRecord({ keyId: `key-${index}` }))
    expect(await sampleOf(under, "bifrost_success_requests_total")).toBe(2_500)
    expect((await scrape(under)).filter(({ name }) => name === "bifrost_success_requests_total")).toHaveLength(2_001)
  })

  test("text that would break the format is escaped", async () => {
    const under = metrics()
    under.observeCall(sampleRecord({ model: 'a"b\\c\nd' }))
    expect(await under.text()).toContain('model="a\\"b\\\\c\\nd"')
  })
})

describe("the rest", () => {
  test("calls under way, by method", async () => {
    const under = metrics()
    under.callStarted("chat")
    under.callStarted("chat")
    under.callEnded("chat")
    expect(await sampleOf(under, "bifrost_active_requests", { method: "chat" })).toBe(1)
  })

  test("exchanges by route; methods that nobody defined are one", async () => {
    const under = metrics()
    const exchange = { route: "/v1/chat/completions", method: "POST", status: 200, seconds: 0.3, bytesIn: 900, bytesOut: 20_000 }
    under.httpObserved(exchange)
    under.httpObserved({ ...exchange, method: "BREW" })
    const labels = { path: "/v1/chat/completions", method: "POST", status: "200" }
    expect(await sampleOf(under, "http_requests_total", labels)).toBe(1)
    expect(await sampleOf(under, "http_requests_total", { method: "_other" })).toBe(1)
    expect(await sampleOf(under, "http_request_duration_seconds_bucket", { ...labels, le: "0.5" })).toBe(1)
    expect(await sampleOf(under, "http_request_size_bytes_bucket", { ...labels, le: "1000" })).toBe(1)
    expect(await sampleOf(under, "http_response_size_bytes_bucket", { ...labels, le: "10000" })).toBe(0)
  })

  test("state is read at each scrape", async () => {
    let dropped = 2
    let keys = [
      { provider: "north", id: "key-1", name: "first", up: true },
      { provider: "north", id: "key-2", name: "second", up: false },
    ]
    const under = metrics({
      log: () => ({ state: "degraded", queued: 5, dropped, written: 40 }),
      keys: () => keys,
      queues: () => [{ provider: "north", running: 3, waiting: 1 }],
      config: () => ({ source: "last-good", version: 4, problems: 2 }),
    })
    expect(await sampleOf(under, "gantry_log_state", { state: "degraded" })).toBe(1)
    expect(await sampleOf(under, "gantry_log_state", { state: "ok" })).toBe(0)
    expect(await sampleOf(under, "gantry_log_queue_entries")).toBe(5)
    expect(await sampleOf(under, "gantry_log_dropped_total")).toBe(2)
    expect(await sampleOf(under, "bifrost_provider_key_up", { key_id: "key-2" })).toBe(0)
    expect(await sampleOf(under, "gantry_provider_waiting_requests", { provider: "north" })).toBe(1)
    expect(await sampleOf(under, "gantry_config_info", { source: "last-good" })).toBe(1)
    expect(await sampleOf(under, "gantry_config_problems")).toBe(2)
    dropped = 3
    keys = keys.slice(0, 1)
    expect(await sampleOf(under, "gantry_log_dropped_total")).toBe(3)
    expect(await sampleOf(under, "bifrost_provider_key_up", { key_id: "key-2" })).toBeUndefined()
    expect(await sampleOf(under, "process_resident_memory_bytes")).toBeGreaterThan(1_000_000)
    expect(await sampleOf(under, "gantry_event_loop_lag_seconds")).toBeGreaterThanOrEqual(0)
  })

  test("skipped plugins", async () => {
    const under = metrics()
    under.pluginSkipped("cache")
    expect(await sampleOf(under, "gantry_plugin_skips_total", { plugin: "cache" })).toBe(1)
  })

  test("every sample belongs to a described family", async () => {
    const under = metrics()
    under.observeCall(sampleRecord({ stream: true, firstTokenMs: 1, lastTokenMs: 2, tries: [tryOf()] }))
    under.observeCall(failedRecord())
    const text = await under.text()
    const described = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name))
    for (const { name } of await scrape(under)) {
      expect(described.has(name) || described.has(name.replace(/_(bucket|sum|count)$/, ""))).toBe(true)
    }
    expect(under.contentType).toContain("text/plain; version=0.0.4")
  })
})
