import type { Call, Outcome, Reply, Slot, Trail } from "../../src/core/call.ts"
import { notices } from "../../src/core/notice.ts"
import type { Wire } from "../../src/core/wire.ts"
import { scan } from "../../src/core/wire.ts"

const body = new TextEncoder().encode('{"model":"north/model-a"}')

/** A call as the door hands it on, with nothing done about it yet. */
export function sampleCall(change: Partial<Call> = {}): Call {
  const slots = new Map<symbol, unknown>()
  const unread = () => {
    throw new Error("a logged call is not decoded")
  }
  return {
    id: "call-1",
    at: Date.UTC(2026, 10, 22, 12),
    started: 1_000,
    dialect: "plain",
    wire: { id: "wire-a" } as Wire,
    path: "/v1/answers",
    query: "",
    headers: new Headers(),
    caller: { address: () => "127.0.0.1", userAgent: "agent/1", sessionId: "s1", credential: "sk-secret-of-the-caller" },
    directions: { extraHeaders: [], passExtraParams: false, extraFields: false },
    body,
    bodyBytes: body.length,
    head: {
      model: "north/model-a",
      fallbacks: undefined,
      cacheKey: undefined,
      stream: false,
      usageAsked: false,
      enveloped: false,
      pins: [],
      [scan]: undefined,
    },
    signal: new AbortController().signal,
    slots: {
      get: <T>(slot: Slot<T>) => slots.get(slot.key) as T | undefined,
      set: (slot, value) => void slots.set(slot.key, value),
    },
    trail: sampleTrail(),
    request: unread,
    replace: unread,
    edited: false,
    hangUp: () => {},
    ...change,
  }
}

export function sampleTrail(change: Partial<Trail> = {}): Trail {
  const { note, list } = notices()
  return { route: [], tries: [], note, notices: list, waitedMs: 0, captureLimit: 0, adopt: () => {}, ...change }
}

export const sampleTarget = {
  provider: "openai",
  model: "gpt-5-mini",
  reason: "",
  routes: [],
  connection: { provider: "openai", baseUrl: "" },
}

export const sampleOutcome = (change: Partial<Outcome> = {}): Outcome => ({
  end: "complete",
  notices: [],
  responseBytes: 42,
  ...change,
})

export const replyThat = (settled: Promise<Outcome>, status = 200): Reply => ({
  status,
  headers: {},
  body: new Uint8Array(),
  wire: "wire-a",
  settled,
  outcome: undefined,
  cancel: () => {},
})
