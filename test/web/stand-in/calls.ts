import type { LogEntryView, PayloadView } from "../../../src/http/api/log-entry.ts"
import type { CallRecord } from "../../../src/http/api/types.ts"

const minute = 60_000

/** A call that went well at once; `change` makes it another. */
export function call(change: Partial<CallRecord> = {}): CallRecord {
  const provider = change.provider ?? "openai"
  const model = change.model ?? "gpt-5.2-mini"
  return {
    id: "req_plain",
    at: Date.now() - minute,
    method: "chat",
    dialect: "v1",
    wire: "openai-chat",
    path: "/v1/chat/completions",
    stream: true,
    requestedModel: `${provider}/${model}`,
    provider,
    model,
    keyId: "key-1",
    keyName: "main",
    lane: "relay",
    route: [`${provider}/${model}: named by its provider`],
    tries: [
      {
        provider,
        model,
        keyId: "key-1",
        keyName: "main",
        wire: "openai-chat",
        lane: "relay",
        startMs: 0.4,
        endMs: 1_842,
        queueMs: 0,
        status: 200,
        upstreamRequestId: "up_1",
        action: "answered",
      },
    ],
    fallbackIndex: 0,
    status: 200,
    end: "complete",
    stop: { reason: "end", raw: "stop" },
    usage: {
      lines: [{ kind: "message", tokens: { input: 1_240, output: 318 } }],
      unexplained: 0,
      raw: null,
      wire: "openai-chat",
    },
    cost: 0.000946,
    notices: [],
    userAgent: "OpenAI/Python 2.9.0",
    durationMs: 1_843,
    firstTokenMs: 412,
    lastTokenMs: 1_839,
    overheadUs: 412,
    requestBytes: 5_212,
    responseBytes: 18_733,
    ...change,
  }
}

/** A call whose first provider was busy, whose second failed, and whose third answered in another format. */
export const eventful: CallRecord = call({
  id: "req_eventful",
  at: Date.now() - 20_000,
  requestedModel: "anthropic/claude-sonnet-5",
  provider: "openai",
  model: "gpt-5.2",
  keyName: "team-b",
  lane: "translate",
  dialect: "anthropic",
  wire: "anthropic-messages",
  path: "/anthropic/v1/messages",
  route: ["anthropic/claude-sonnet-5: named by its provider", "openai/gpt-5.2: fallback 1"],
  fallbackIndex: 1,
  tries: [
    attemptOf({ keyName: "main", startMs: 0.6, queueMs: 142, endMs: 391, status: 429, action: "next key" }, "rate-limit", "key"),
    attemptOf({ keyName: "spare", startMs: 392, endMs: 1_104, status: 529, action: "retry in 480 ms" }, "overloaded", "provider"),
    attemptOf({ keyName: "spare", startMs: 1_584, endMs: 2_301, action: "next target" }, "network", "provider"),
    {
      provider: "openai",
      model: "gpt-5.2",
      keyId: "key-9",
      keyName: "team-b",
      wire: "openai-responses",
      lane: "translate",
      startMs: 2_302,
      endMs: 5_320,
      queueMs: 0,
      status: 200,
      action: "answered",
    },
  ],
  usage: {
    lines: [{ kind: "message", tokens: { input: 2_103, "cache-read": 18_944, output: 611, reasoning: 1_280 } }],
    unexplained: 0,
    raw: null,
    wire: "openai-responses",
  },
  cost: 0.03127,
  notices: [
    { code: "seal-foreign", path: "messages[*].blocks[*].seal", effect: "dropped", side: "request", count: 3 },
    { code: "cache-unsupported", path: "messages[0].blocks[0].cache", effect: "dropped", side: "request", count: 1 },
    { code: "field-adapted", path: "reasoning.budget", effect: "adapted", side: "request", count: 1 },
  ],
  sessionId: "5b0f0a52-ffcf-4d6d-9c36-1f6f4c9f1d10",
  userAgent: "claude-cli/2.1.330 (external, cli)",
  durationMs: 5_322,
  firstTokenMs: 3_498,
  lastTokenMs: 5_316,
  overheadUs: 1_904,
})

type TryRecord = CallRecord["tries"][number]
type TryError = NonNullable<TryRecord["error"]>

function attemptOf(
  change: Partial<TryRecord> & Pick<TryRecord, "startMs" | "endMs" | "action">,
  kind: TryError["kind"],
  blame: TryError["blame"],
): TryRecord {
  return {
    provider: "anthropic",
    model: "claude-sonnet-5",
    keyId: "key-2",
    wire: "anthropic-messages",
    lane: "relay",
    queueMs: 0,
    error: { kind, blame, message: `the provider said ${kind}` },
    ...change,
  }
}

const { cost: _cost, usage: _usage, firstTokenMs: _first, lastTokenMs: _last, stop: _stop, ...unanswered } = call()

/** The provider refused it. */
export const failed: CallRecord = {
  ...unanswered,
  id: "req_failed",
  at: Date.now() - 35_000,
  requestedModel: "groq/llama-4-scout",
  provider: "groq",
  model: "llama-4-scout",
  route: ["groq/llama-4-scout: named by its provider"],
  tries: [
    attemptOf(
      { provider: "groq", model: "llama-4-scout", keyName: "main", startMs: 0.4, endMs: 211, status: 400, action: "answered" },
      "context-overflow",
      "request",
    ),
  ],
  status: 400,
  end: "error",
  error: {
    kind: "context-overflow",
    blame: "request",
    message: "The prompt has 143,211 tokens; this model takes 131,072 at most. <b>Not HTML</b>",
  },
  durationMs: 212,
}

/** Many of all sorts, newest first. */
export function manyCalls(count: number, from = Date.now() - minute): readonly CallRecord[] {
  const kinds: readonly Partial<CallRecord>[] = [
    {},
    { provider: "anthropic", model: "claude-sonnet-5", dialect: "anthropic", durationMs: 8_211, firstTokenMs: 904, cost: 0.0412 },
    { provider: "groq", model: "llama-4-scout", durationMs: 214, firstTokenMs: 88, cost: 0.000031, stream: true },
    { provider: "openrouter", model: "deepseek/deepseek-v4-exp-long-context-thinking-preview", durationMs: 61_300 },
    { provider: "ollama", model: "qwen3:8b", stream: false, durationMs: 940, end: "aborted", status: 499 },
  ]
  return Array.from({ length: count }, (_, index) => {
    const { cost, firstTokenMs, ...plain } = call({
      ...kinds[index % kinds.length],
      id: `req_${count - index}`,
      at: from - index * 1_700,
    })
    const local = plain.provider === "ollama" || plain.provider === "openrouter"
    return {
      ...plain,
      ...(local || cost === undefined ? {} : { cost }),
      ...(plain.stream && firstTokenMs !== undefined ? { firstTokenMs } : {}),
    }
  })
}

/** What a model or a caller might say to break the page. */
export const hostile = `<img src=x onerror="window.broken = 1"><script>window.broken = 2</script><b>bold?</b>`

const encode = (value: object): string => JSON.stringify(value)

/** A call with its payloads, in the shape of `GET /api/logs/:id`. */
export function entryOf(record: CallRecord): LogEntryView {
  const request = {
    model: record.requestedModel,
    stream: true,
    temperature: 1.0,
    messages: [
      { role: "system", content: "You are terse. You answer in one sentence." },
      { role: "user", content: `What does this do? ${hostile}` },
    ],
  }
  const said = "It draws an image that cannot load, and runs a script when that fails. As text, it does nothing."
  const block = (text: string) => ({ type: "text", text })
  return {
    record,
    payloads: [
      payload("client-request", record.wire, "application/json", encode(request), {
        model: record.requestedModel,
        messages: [
          { role: "system", blocks: [block("You are terse. You answer in one sentence.")] },
          { role: "user", blocks: [block(`What does this do? ${hostile}`)] },
          {
            role: "assistant",
            blocks: [
              { type: "reasoning", parts: [{ text: "The user pasted markup. I should look at it before I answer." }] },
              { type: "tool-call", id: "call_1", name: "read_file", input: '{"path":"index.html","limit":12345678901234567890}' },
            ],
          },
          { role: "user", blocks: [{ type: "tool-result", id: "call_1", content: [block("<html>…</html>\n12 lines")] }] },
        ],
      }),
      payload("upstream-request", "openai-responses", "application/json", encode({ ...request, model: record.model }), undefined),
      payload("upstream-response", "openai-responses", "text/event-stream", `data: ${encode({ delta: hostile })}\n\n`, undefined),
      payload("client-response", record.wire, "text/event-stream", `event: text\ndata: ${encode({ text: said })}\n\n`, {
        model: record.model ?? "",
        candidates: [{ messages: [{ role: "assistant", blocks: [block(said)] }], stop: { reason: "end", raw: "stop" } }],
      }),
    ],
  }
}

function payload(
  side: PayloadView["side"],
  wire: string,
  contentType: string,
  text: string,
  decoded: PayloadView["decoded"],
): PayloadView {
  return { side, wire, contentType, size: text.length, text, ...(decoded === undefined ? {} : { decoded }) }
}
