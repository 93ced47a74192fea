import { describe, expect, test } from "bun:test"
import type { TryRecord } from "../../src/core/record.ts"
import type { Usage } from "../../src/core/usage.ts"
import { keptPayload, recordOf } from "../../src/plugins/log.ts"
import { samplePayload } from "../store/sample.ts"
import { sampleCall, sampleOutcome, sampleTarget, sampleTrail } from "./sample-call.ts"

const tryAt = (provider: string, model: string): TryRecord => ({
  provider,
  model,
  wire: "wire-a",
  lane: "relay",
  startMs: 0,
  endMs: 10,
  queueMs: 0,
  action: "answered",
})
const usage: Usage = {
  lines: [{ kind: "answer", tokens: { input: 1_000, output: 100 } }],
  unexplained: 0,
  raw: null,
  wire: "wire-a",
}

describe("the record of a call", () => {
  test("that was answered", () => {
    const trail = sampleTrail({
      route: ["named by prefix openai/"],
      tries: [tryAt("openai", "gpt-5-mini")],
      target: sampleTarget,
      lane: "relay",
      key: { id: "k1", name: "main" },
      waitedMs: 480,
    })
    const outcome = sampleOutcome({ usage, stop: { reason: "end", raw: "stop" }, firstTokenMs: 120.00049 })
    expect(recordOf(sampleCall({ trail }), 200, outcome, 1_500.25)).toEqual({
      id: "call-1",
      at: Date.UTC(2026, 10, 22, 12),
      method: "chat",
      dialect: "plain",
      wire: "wire-a",
      path: "/v1/answers",
      stream: false,
      requestedModel: "north/model-a",
      provider: "openai",
      model: "gpt-5-mini",
      keyId: "k1",
      keyName: "main",
      lane: "relay",
      route: ["named by prefix openai/"],
      tries: [tryAt("openai", "gpt-5-mini")],
      fallbackIndex: 0,
      status: 200,
      end: "complete",
      stop: { reason: "end", raw: "stop" },
      usage,
      cost: expect.closeTo(0.00045, 12),
      notices: [],
      sessionId: "s1",
      userAgent: "agent/1",
      durationMs: 500.25,
      firstTokenMs: 120,
      overheadUs: 20_250,
      requestBytes: 25,
      responseBytes: 42,
    })
  })

  test("that went nowhere has no provider, model, key or cost", () => {
    const error = { kind: "no-provider", blame: "gateway", message: "nobody" } as const
    const record = recordOf(sampleCall(), 404, sampleOutcome({ end: "error", error }), 1_001)
    expect(record).toMatchObject({ status: 404, end: "error", error, tries: [], fallbackIndex: 0, durationMs: 1 })
    for (const absent of ["provider", "model", "keyId", "lane", "usage", "cost"]) expect(record).not.toHaveProperty(absent)
  })

  test("names the model as its vendor does, and counts the targets left behind", () => {
    const tries = [tryAt("north", "a"), tryAt("north", "a"), tryAt("south", "b"), tryAt("openai", "deployment-7")]
    const record = recordOf(
      sampleCall({ trail: sampleTrail({ tries, target: sampleTarget }) }),
      200,
      sampleOutcome({ usage }),
      1_001,
    )
    expect(record).toMatchObject({ provider: "openai", model: "deployment-7", fallbackIndex: 2 })
    expect(record.cost).toBeUndefined()
  })

  test("never holds the caller's credential, nor what the vendor's error carried", () => {
    const upstream = { body: "vendor's body", requestId: "r1" }
    const error = { kind: "server-error", blame: "provider", message: "no", upstream } as const
    const text = JSON.stringify(recordOf(sampleCall(), 502, sampleOutcome({ end: "error", error }), 1_001))
    expect(text).not.toContain("sk-secret-of-the-caller")
    expect(text).not.toContain("vendor's body")
  })

  test("is bounded whatever callers and vendors send", () => {
    const long = "x".repeat(1_000_000)
    const error = { kind: "server-error", blame: "provider", message: long } as const
    const call = sampleCall({
      path: long,
      caller: { ...sampleCall().caller, userAgent: long, sessionId: long },
      head: { ...sampleCall().head, model: long },
      trail: sampleTrail({
        route: Array.from({ length: 1_000 }, () => long),
        tries: [{ ...tryAt("openai", long), error }],
        target: { ...sampleTarget, model: long },
      }),
    })
    const { tries, ...rest } = recordOf(call, 502, sampleOutcome({ end: "error", error }), 1_001)
    expect(JSON.stringify(rest).length).toBeLessThan(60_000)
    expect(tries[0]?.error?.message.length).toBe(2_048)
  })
})

describe("a payload is kept", () => {
  const policy = { enabled: true, content: true, limitBytes: 10 }

  test("whole where it fits, without a copy", () => {
    const payload = samplePayload("client-request", "0123456789")
    expect(keptPayload(payload, policy)).toBe(payload)
  })

  test("cut where it does not, with its true size, and without holding the rest in memory", () => {
    const payload = samplePayload("client-request", "0123456789abc")
    const kept = keptPayload(payload, policy)
    expect(new TextDecoder().decode(kept.bytes)).toBe("0123456789")
    expect(kept.size).toBe(13)
    expect(kept.bytes.buffer.byteLength).toBe(10)
  })

  test("apart from a large body it was cut out of before", () => {
    const payload = { ...samplePayload("client-request", ""), bytes: new Uint8Array(1_000).subarray(0, 8), size: 1_000 }
    expect(keptPayload(payload, policy).bytes.buffer.byteLength).toBe(8)
  })
})
