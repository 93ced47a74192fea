import { describe, expect, test } from "bun:test"
import { rawServer } from "../lib/http1/raw-server.ts"
import { unary } from "../support/answers/turn.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { type ClientWire, clients, gatewayWith, messages, post, provider, responses } from "./gateway.ts"

const json = "content-type: application/json\r\n"
const answer = (status: string, fields: string, body: string): string =>
  `HTTP/1.1 ${status}\r\n${fields}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth)
const oddId = { type: "error", error: { type: "api_error", message: "m", code: null, param: null }, request_id: "a\r\nb: \u20ac" }
const fine = (wire: ClientWire, fields: string): string =>
  answer("200 OK", json + fields, JSON.stringify(wire.voice.body({ text: "fine" })))

/** What an upstream says, and what callers of its own and of other formats are told. */
const said: readonly (readonly [name: string, raw: (wire: ClientWire) => string, own: number, others: number])[] = [
  ["a status beyond all errors", () => answer("999 Denied", json, "{}"), 502, 502],
  ["status 600", () => answer("600 Odd", json, '{"error":{"message":"m"}}'), 502, 502],
  ["status 000", () => answer("000 X", "", "{}"), 502, 502],
  ["an error whose body is null", () => answer("500 X", json, "null"), 500, 502],
  ["an error whose body is a list", () => answer("500 X", json, "[]"), 500, 502],
  ["an error page that says it is JSON", () => answer("422 X", json, "<html>no</html>"), 422, 400],
  ["an error nested without end", () => answer("422 X", json, nested(20_000)), 422, 400],
  [
    "an error longer than what is read of it",
    () => answer("422 X", json, `{"error":{"message":"${"x".repeat(70_000)}"}}`),
    422,
    400,
  ],
  ["an id that no header can hold", () => answer("500 X", json, JSON.stringify(oddId)), 500, 502],
  ["a success that is null", () => answer("200 OK", json, "null"), 502, 502],
  ["a success that is text", () => answer("200 OK", json, '"hello"'), 502, 502],
  ["control characters in a header", (wire) => fine(wire, "x-request-id: a\u0001b\r\n"), 502, 502],
  ["a delete character in a header", (wire) => fine(wire, "x-request-id: a\u007fb\r\n"), 502, 502],
  ["bytes beyond ASCII in a header", (wire) => fine(wire, "x-request-id: a\u00ffb\r\n"), 200, 200],
  ["a packing that is not what it says", () => answer("200 OK", `${json}content-encoding: gzip\r\n`, "{}"), 502, 502],
  ["a packing that nobody knows", () => answer("200 OK", `${json}content-encoding: weird\r\n`, "{}"), 502, 502],
]

/** A provider that speaks one wire and no other. */
const speaking = (url: string, wire: ClientWire): object => {
  const base = wire === messages ? "anthropic" : "openai"
  const allowed =
    wire === responses ? { responses: true, responses_stream: true } : { chat_completion: true, chat_completion_stream: true }
  return provider(url, { base, more: { custom_provider_config: { base_provider_type: base, allowed_requests: allowed } } })
}

for (const upstream of clients)
  describe(`${upstream.id}: whatever it says, callers are told in their own format, and nothing is left behind`, () => {
    for (const [name, raw, own, others] of said)
      test(name, async () => {
        await using server = await rawServer(async (peer) => {
          if (!(await peer.request())) return
          await peer.write(raw(upstream))
          peer.end()
        })
        await using gateway = await gatewayWith({ providers: { only: speaking(server.url, upstream) } })
        for (const client of clients)
          for (const stream of [false, true]) {
            const response = await post(gateway, client, client.body("only/m", { stream }))
            const text = await response.text()
            expect(response.status, text).toBe(client === upstream ? own : others)
            if (response.status >= 400) expect(client.errorMessage(JSON.parse(text))).toBeString()
            expect(text).not.toContain("the gateway failed")
          }
        const counted = await (await fetch(`${gateway.url}/metrics`)).text()
        expect(counted).not.toMatch(/^gantry_provider_running_requests\{.*\} [1-9]/m)
        expect(counted).not.toMatch(/^bifrost_active_requests\{.*\} [1-9]/m)
      })

    test("a status beyond all errors goes to the fallback", async () => {
      await using server = await rawServer(async (peer) => {
        if (!(await peer.request())) return
        await peer.write(answer("999 Denied", json, "{}"))
        peer.end()
      })
      await using second = await fakeUpstream({ script: unary(upstream.voice, { text: "from the second" }) })
      await using gateway = await gatewayWith({
        providers: { only: speaking(server.url, upstream), second: speaking(second.url, upstream) },
      })
      const response = await post(gateway, upstream, upstream.body("only/m", { fallbacks: ["second"] }))
      expect(await response.text()).toContain("from the second")
    })
  })
