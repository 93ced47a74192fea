import { describe, expect, test } from "bun:test"
import { requestTypeOf } from "../../src/dialects/endpoints.ts"
import { sseDecoder } from "../../src/lib/sse.ts"
import { chat, clients, gatewayWith, messages, post, provider, responses } from "../dispatch/gateway.ts"
import { openaiChat } from "../support/answers/openai-chat.ts"
import { reply } from "../support/answers/turn.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { openLanes } from "./lanes.ts"

test("extra_fields tells the type of request, the provider and both names of the model", async () => {
  await using gateway = await gatewayWith({ providers: { mock: {} } })
  const types: Record<string, string> = {}
  for (const client of clients) {
    const response = await post(gateway, client, client.body("mock/echo"), { headers: { "x-bf-extra-fields": "true" } })
    const { extra_fields: extra } = (await response.json()) as { readonly extra_fields: Record<string, string> }
    expect(extra).toMatchObject({ provider: "mock", original_model_requested: "mock/echo", resolved_model_used: "echo" })
    types[client.id] = extra.request_type ?? ""
  }
  expect(types).toEqual({ [chat.id]: "chat_completion", [responses.id]: "responses", [messages.id]: "responses" })
})

test("a streamed request has a type of its own", () => {
  expect(clients.map(({ id }) => requestTypeOf(id, true))).toEqual([
    "chat_completion_stream",
    "responses_stream",
    "responses_stream",
  ])
})

describe("raw bodies", () => {
  const asked = { "x-bf-send-back-raw-request": "true", "x-bf-send-back-raw-response": "true" }
  type Extra = { readonly raw_request?: unknown; readonly raw_response?: unknown }
  const lastChunk = (text: string) => [...text.matchAll(/^data: (\{.*)$/gm)].at(-1)?.[1] ?? "{}"
  const extraIn = (text: string, stream: boolean) =>
    (JSON.parse(stream ? lastChunk(text) : text) as { extra_fields?: Extra }).extra_fields

  test.each([false, true])(
    "are what went to the provider and came from it, in every format and lane; streamed: %p",
    async (stream) => {
      await using lanes = await openLanes({ allow_per_request_raw_override: true })
      for (const client of clients) {
        for (const [id, upstream] of lanes.upstreams) {
          const body = client.body(`${id}/m`, { stream })
          const extra = extraIn(await (await post(lanes.gateway, client, body, { headers: asked })).text(), stream)
          const sent = upstream.requests.at(-1)
          const said = await (await fetch(upstream.url + sent?.path, { method: "POST", body: sent?.text() ?? "" })).text()
          expect(extra?.raw_request).toEqual(JSON.parse(sent?.text() ?? ""))
          expect(extra?.raw_response).toEqual(stream ? said : JSON.parse(said))
          const only = { headers: { "x-bf-send-back-raw-request": "true" } }
          const half = extraIn(await (await post(lanes.gateway, client, body, only)).text(), stream)
          expect(Object.keys(half ?? {}).filter((name) => name.startsWith("raw"))).toEqual(["raw_request"])
        }
      }
    },
  )

  test("are for the operator to allow, or to ask for", async () => {
    await using upstream = await fakeUpstream({
      script: { on: (request) => reply(openaiChat, JSON.parse(request.text()) as Record<string, unknown>, { text: "fine" }) },
    })
    const providers = { shown: provider(upstream.url, { more: { send_back_raw_response: true } }), plain: provider(upstream.url) }
    await using gateway = await gatewayWith({ providers })
    for (const stream of [false, true]) {
      const ask = async (name: string, headers: Record<string, string>) =>
        extraIn(await (await post(gateway, chat, chat.body(`${name}/m`, { stream }), { headers })).text(), stream)
      expect(await ask("plain", asked)).toBeUndefined()
      expect(Object.keys((await ask("shown", {})) ?? {})).toContain("raw_response")
      expect(Object.keys((await ask("shown", asked)) ?? {})).not.toContain("raw_request")
    }
  })
})

describe("a stream", () => {
  const asked = { "x-gantry-extra-fields": "true" }
  const half = 'data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"half"}}]}\n\n'
  const framesOf = (text: string) => {
    const decoder = sseDecoder({ maxFrameBytes: 1 << 20 })
    return [...decoder.push(Buffer.from(text)), ...decoder.flush()]
  }

  test("has them in its last chunk, in every format and lane, and nothing else of it changes", async () => {
    await using lanes = await openLanes()
    for (const client of clients) {
      for (const upstream of clients) {
        const body = client.body(`${upstream.id}/m`, { stream: true })
        const ask = (headers: Record<string, string>) => post(lanes.gateway, client, body, { headers })
        const [plain, told] = [await (await ask({})).text(), await (await ask(asked)).text()]
        expect(plain).not.toContain("extra_fields")
        const frames = framesOf(told).filter(({ data }) => data.startsWith("{"))
        const last = frames.at(-1)
        const { extra_fields: extra, ...rest } = JSON.parse(last?.data ?? "{}") as Record<string, unknown>
        expect(extra).toMatchObject({
          request_type: requestTypeOf(client.id, true),
          provider: upstream.id,
          original_model_requested: `${upstream.id}/m`,
          resolved_model_used: "m",
          chunk_index: frames.length - 1,
        })
        expect(frames.filter(({ data }) => data.includes("extra_fields"))).toHaveLength(1)
        const shapes = (text: string) => framesOf(text).map(({ event, data }) => [event, data.startsWith("{")])
        expect(shapes(told)).toEqual(shapes(plain))
        const before = framesOf(plain).findLast(({ data }) => data.startsWith("{"))
        expect(Object.keys(rest)).toEqual(Object.keys(JSON.parse(before?.data ?? "{}") as object))
        if (client.id === chat.id) expect(framesOf(told).at(-1)?.data).toBe("[DONE]")
      }
    }
  })

  test("that breaks or fails has none, and every chunk before comes at once", async () => {
    await using upstream = await fakeUpstream({
      script: async (writer) => {
        writer.head(200, { "content-type": "text/event-stream" })
        await writer.write(half)
        await writer.end()
      },
    })
    await using gateway = await gatewayWith({ providers: { only: provider(upstream.url) } })
    const response = await post(gateway, chat, chat.body("only/m", { stream: true }), { headers: asked })
    const text = await response.text()
    expect(text).toContain("half")
    expect(text).not.toContain("extra_fields")
  })

  test("ends at once when its reader leaves", async () => {
    await using upstream = await fakeUpstream({
      script: async (writer) => {
        writer.head(200, { "content-type": "text/event-stream" })
        await writer.write(half)
        await new Promise((resolve) => writer.gone.addEventListener("abort", resolve))
      },
    })
    await using gateway = await gatewayWith({ providers: { only: provider(upstream.url) } })
    const response = await post(gateway, chat, chat.body("only/m", { stream: true }), { headers: asked })
    const reader = response.body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain("half")
    await reader?.cancel()
    expect(await upstream.requests[0]?.ended).toBe("aborted")
  })
})
