import { expect, test } from "bun:test"
import { fault } from "../../src/core/error.ts"
import type { CallRecord, LogEntry } from "../../src/core/record.ts"
import { redactText } from "../../src/lib/redact.ts"
import { callLog } from "../../src/plugins/call-log.ts"
import type { PayloadPolicy } from "../../src/plugins/log.ts"
import { offLogStore } from "../../src/store/off.ts"
import { samplePayload } from "../store/sample.ts"
import { replyThat, sampleCall, sampleOutcome } from "./sample-call.ts"

/** A log that keeps entries in an array. */
function watched(policy: PayloadPolicy = { enabled: true, content: true, limitBytes: 1_000 }) {
  const entries: LogEntry[] = []
  const told: CallRecord[] = []
  const store = { ...offLogStore(), write: (entry: LogEntry) => void entries.push(entry) }
  const log = callLog({
    store: () => store,
    policy: () => policy,
    redact: redactText,
    failed: () => {},
    tell: [(record) => void told.push(record)],
  })
  return { log, entries, told }
}

test("a reply is written once it has settled, with what was captured on the way", async () => {
  const { log, entries, told } = watched()
  const call = sampleCall()
  const { promise, resolve } = Promise.withResolvers<ReturnType<typeof sampleOutcome>>()
  log.begin(call)
  call.trail.capture?.(samplePayload("client-response", "{}"))
  log.end(call, 200, replyThat(promise), undefined)
  await Promise.resolve()
  expect(entries).toEqual([])
  resolve(sampleOutcome())
  await promise
  await Promise.resolve()
  expect(entries).toHaveLength(1)
  expect(entries[0]?.payloads.map(({ side }) => side)).toEqual(["client-request", "client-response"])
  expect(entries[0]?.payloads[0]).toMatchObject({ bytes: call.body, size: call.body.length })
  expect(told).toEqual(entries.map(({ record }) => record))
})

test.each([
  [{ content: true }, false, ["client-request"]],
  [{ content: true, callersDecide: true }, false, []],
  [{ content: false, callersDecide: true }, true, ["client-request"]],
  [{ content: false }, true, []],
  [{ content: false, callersDecide: true }, undefined, []],
] as const)("with the policy %j and the wish %p a call keeps %j", (policy, keepContent, sides) => {
  const { log, entries } = watched({ enabled: true, limitBytes: 1_000, ...policy })
  const said = sampleCall().directions
  const call = sampleCall({ directions: keepContent === undefined ? said : { ...said, keepContent } })
  log.begin(call)
  log.end(call, 404, undefined, fault("model-not-found", "no such model"))
  expect(entries[0]?.payloads.map(({ side }) => side)).toEqual([...sides])
})

test("a call that got no reply is written at once with its error", () => {
  const { log, entries } = watched()
  const call = sampleCall()
  log.begin(call)
  log.end(call, 404, undefined, fault("model-not-found", "no such model"))
  expect(entries[0]?.record).toMatchObject({ status: 404, end: "error", error: { kind: "model-not-found", blame: "request" } })
})

test("a key that a vendor quotes is taken out of the call's error and of its tries'", () => {
  const { log, entries, told } = watched()
  const call = sampleCall()
  const failed = fault("authentication", "Incorrect API key provided: sk-live-0123456789abcdef.")
  call.trail.tries.push({
    provider: "north",
    model: "m",
    wire: "wire-a",
    lane: "relay",
    startMs: 0,
    endMs: 1,
    queueMs: 0,
    action: "gave up",
    error: failed.error,
  })
  log.end(call, 502, undefined, failed)
  expect(JSON.stringify([entries, told])).not.toContain("0123456789abcdef")
  expect(entries[0]?.record.tries[0]?.error?.message).toBe("Incorrect API key provided: [redacted].")
})

test("the caller's own key that a vendor quotes is taken out of what is kept, and of nothing else", () => {
  const key = "the-callers-own-0123"
  const quoted = Buffer.from(`{"error":{"message":"Incorrect API key provided: ${key}"}}`)
  const answered = { side: "upstream-response", wire: "wire-a", contentType: "application/json", size: quoted.length } as const
  for (const directKey of [true, false]) {
    const { log, entries } = watched()
    const directions = { extraHeaders: [], passExtraParams: false, extraFields: false, directKey }
    const call = sampleCall({ directions, caller: { ...sampleCall().caller, credential: key } })
    log.begin(call)
    call.trail.capture?.({ ...answered, bytes: quoted })
    log.end(call, 401, undefined, fault("authentication", `no such key: ${key}`, { blame: "key" }))
    expect(entries[0]?.record.error?.message).toBe(`no such key: ${directKey ? "[redacted]" : key}`)
    const kept = entries[0]?.payloads.find(({ side }) => side === "upstream-response")
    expect(Buffer.from(kept?.bytes ?? []).includes(key)).toBe(!directKey)
    expect(kept?.bytes.length).toBe(quoted.length)
    expect(quoted.includes(key)).toBe(true)
  }
})

test("a call given up by its caller is aborted, not failed", () => {
  const { log, entries } = watched()
  log.end(sampleCall(), 499, undefined, fault("cancelled", "gone"))
  expect(entries[0]?.record.end).toBe("aborted")
})

test("without content logging nothing is captured", () => {
  const { log, entries } = watched({ enabled: true, content: false, limitBytes: 1_000 })
  const call = sampleCall()
  log.begin(call)
  expect(call.trail.capture).toBeUndefined()
  log.end(call, 500, undefined, fault("internal", "no"))
  expect(entries[0]?.payloads).toEqual([])
})

test("the limit holds for the request and for what is captured", () => {
  const { log, entries } = watched({ enabled: true, content: true, limitBytes: 4 })
  const call = sampleCall()
  log.begin(call)
  expect(call.trail.captureLimit).toBe(4)
  call.trail.capture?.(samplePayload("upstream-response", "0123456789"))
  log.end(call, 500, undefined, fault("internal", "no"))
  expect(entries[0]?.payloads.map(({ bytes, size }) => [bytes.length, size])).toEqual([
    [4, call.body.length],
    [4, 10],
  ])
})

test("a listener that throws does not reach the call, and is counted", () => {
  let failures = 0
  const store = offLogStore()
  const log = callLog({
    store: () => store,
    policy: () => ({ enabled: true, content: false, limitBytes: 0 }),
    redact: redactText,
    failed: () => {
      failures += 1
    },
    tell: [
      () => {
        throw new Error("broken")
      },
    ],
  })
  expect(() => log.end(sampleCall(), 500, undefined, fault("internal", "no"))).not.toThrow()
  expect(failures).toBe(1)
})

test("a request that never became a call is a row too, with what was wrong with it", () => {
  const { log, entries, told } = watched()
  log.refused({
    id: "r1",
    at: 1_000,
    durationMs: 2,
    dialect: "v1",
    wire: "openai-chat",
    path: "/v1/chat/completions",
    status: 400,
    error: { kind: "invalid-json", blame: "request", message: "no JSON object, but sk-test-0123456789abcdefghij" },
  })
  expect(entries[0]).toMatchObject({
    payloads: [],
    record: { id: "r1", status: 400, end: "error", tries: [], error: { kind: "invalid-json" } },
  })
  expect(entries[0]?.record.error?.message).not.toContain("0123456789abcdefghij")
  expect(told).toHaveLength(1)
})

test("the caller's own key is taken out of packed answers too, and the beginning of it where an answer was cut", () => {
  const key = "the-callers-own-0123"
  const text = Buffer.from(`data: {"error":"${key}"}\n\n`)
  const run = Bun.zstdCompressSync(text)
  const packed = { bytes: run, runs: [0, run.length, text.length], length: text.length }
  const cut = Buffer.from("no such key: the-callers-ow")
  const { log, entries } = watched()
  const directions = { extraHeaders: [], passExtraParams: false, extraFields: false, directKey: true }
  const call = sampleCall({ directions, caller: { ...sampleCall().caller, credential: key } })
  let released = 0
  const release = () => {
    released += 1
  }
  const payload = { side: "client-response", wire: "wire-a", contentType: "text/event-stream" } as const
  log.begin(call)
  call.trail.capture?.({ ...payload, bytes: text, packed, size: text.length, release })
  call.trail.capture?.({ ...payload, bytes: cut, size: cut.length + 100 })
  log.end(call, 401, undefined, fault("authentication", "refused", { blame: "key" }))
  const kept = (entries[0]?.payloads ?? []).filter(({ side }) => side === "client-response")
  expect(kept.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
    `data: {"error":"[redacted]**********"}\n\n`,
    "no such key: **************",
  ])
  expect(kept.map(({ packed }) => packed)).toEqual([undefined, undefined])
  expect(released).toBe(1)
})
