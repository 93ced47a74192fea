import type { CallRecord, LogEntry, Payload } from "../../src/core/record.ts"

/** A record of a call that went well, changed as asked. */
export function sampleRecord(change: Partial<CallRecord> = {}): CallRecord {
  return {
    id: crypto.randomUUID(),
    at: Date.UTC(2026, 10, 22, 12),
    method: "chat",
    dialect: "plain",
    wire: "wire-a",
    path: "/v1/answers",
    stream: false,
    requestedModel: "north/model-a",
    provider: "north",
    model: "model-a",
    keyId: "key-1",
    keyName: "first",
    lane: "relay",
    route: ["north is named in the model"],
    tries: [],
    fallbackIndex: 0,
    status: 200,
    end: "complete",
    stop: { reason: "end", raw: "stop" },
    usage: {
      lines: [{ kind: "answer", tokens: { input: 100, "cache-read": 20, output: 30 } }],
      unexplained: 0,
      raw: { total: 150 },
      wire: "wire-a",
    },
    cost: 0.002,
    notices: [],
    durationMs: 812.5,
    overheadUs: 140,
    requestBytes: 900,
    responseBytes: 1_600,
    ...change,
  }
}

export const samplePayload = (side: Payload["side"], text: string): Payload => {
  const bytes = new TextEncoder().encode(text)
  return { side, wire: "wire-a", contentType: "application/json", bytes, size: bytes.length }
}

export const sampleEntry = (change: Partial<CallRecord> = {}, payloads: readonly Payload[] = []): LogEntry => ({
  record: sampleRecord(change),
  payloads,
})
