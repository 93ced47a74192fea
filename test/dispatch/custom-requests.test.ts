import { expect, test } from "bun:test"
import { reply } from "../support/answers/turn.ts"
import { type Answer, fakeUpstream } from "../support/upstream.ts"
import { type ClientWire, chat, clients, gatewayWith, messages, post, provider, responses, type TestGateway } from "./gateway.ts"

const voices: readonly (readonly [end: RegExp, client: ClientWire])[] = [
  [/responses$/, responses],
  [/messages$/, messages],
]

const modelList: Answer = (writer) => {
  writer.head(200, { "content-type": "application/json" })
  writer.write('{"data":[{"id":"listed"}]}')
  return writer.end()
}

/** Answers every path in the format that its last word stands for. */
async function vendor() {
  const upstream = await fakeUpstream()
  upstream.on((request) => {
    if (request.method === "GET") return modelList
    const path = request.path.split("?")[0] ?? ""
    const client = voices.find(([end]) => end.test(path))?.[1] ?? chat
    return reply(client.voice, request.json(), { text: "fine" })
  })
  return upstream
}

const custom = (url: string, base: "openai" | "anthropic", part: object) =>
  provider(url, { base, more: { custom_provider_config: { base_provider_type: base, ...part } } })

async function ask(gateway: TestGateway, client: ClientWire, stream: boolean): Promise<number> {
  const response = await post(gateway, client, client.body("own/m", stream ? { stream } : {}))
  await response.text()
  return response.status
}

test("a path of the operator's stands for the usual one, for streams one of their own, also as a whole address", async () => {
  await using upstream = await vendor()
  await using other = await vendor()
  const overrides = {
    chat_completion: "/api/v9/chat",
    responses: "/api/v9/responses",
    responses_stream: `${other.url}/streams/responses`,
    list_models: "/api/v9/catalogue",
  }
  await using gateway = await gatewayWith({
    providers: { own: custom(upstream.url, "openai", { request_path_overrides: overrides }) },
  })
  for (const client of [chat, responses]) for (const stream of [false, true]) expect(await ask(gateway, client, stream)).toBe(200)
  expect(upstream.requests.map(({ path }) => path)).toEqual(["/api/v9/chat", "/api/v9/chat", "/api/v9/responses"])
  expect(other.requests.map(({ path }) => path)).toEqual(["/streams/responses"])
  expect(await (await fetch(`${gateway.url}/v1/models`)).text()).toContain("own/listed")
  expect(upstream.requests.at(-1)?.path).toBe("/api/v9/catalogue")
})

test("a type of request that is switched off is not asked for: calls go by another format, else are refused", async () => {
  await using upstream = await vendor()
  await using gateway = await gatewayWith({
    providers: {
      own: custom(upstream.url, "openai", {
        allowed_requests: { chat_completion: true, chat_completion_stream: false, responses: false, responses_stream: true },
      }),
    },
  })
  for (const client of clients) for (const stream of [false, true]) expect(await ask(gateway, client, stream)).toBe(200)
  expect(upstream.requests.map(({ path }) => path)).toEqual([
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/chat/completions",
    "/v1/responses",
  ])
})

test("where only streams are allowed, or only whole answers, the others are refused with a word", async () => {
  await using upstream = await vendor()
  for (const [allowed, stream] of [
    [{ responses_stream: true, responses: false }, true],
    [{ responses_stream: false, responses: true }, false],
  ] as const) {
    await using gateway = await gatewayWith({ providers: { own: custom(upstream.url, "openai", { allowed_requests: allowed }) } })
    expect(await ask(gateway, chat, stream)).toBe(200)
    const refused = await post(gateway, chat, chat.body("own/m", stream ? {} : { stream: true }))
    expect(refused.status).toBe(400)
    expect(chat.errorMessage(await refused.json())).toContain("own cannot answer this kind of request")
  }
})

test("a type whose stream, or whose whole answer, is not spoken of goes with it", async () => {
  await using upstream = await vendor()
  await using gateway = await gatewayWith({
    providers: { own: custom(upstream.url, "openai", { allowed_requests: { chat_completion: true } }) },
  })
  for (const stream of [false, true]) expect(await ask(gateway, responses, stream)).toBe(200)
  expect(new Set(upstream.requests.map(({ path }) => path))).toEqual(new Set(["/v1/chat/completions"]))
})

test("one format for both is meant by either of their names", async () => {
  await using upstream = await vendor()
  for (const name of ["chat_completion", "responses"]) {
    const part = { allowed_requests: { [name]: true }, request_path_overrides: { [`${name}_stream`]: `/${name}/messages` } }
    await using gateway = await gatewayWith({ providers: { own: custom(upstream.url, "anthropic", part) } })
    for (const stream of [false, true]) expect(await ask(gateway, messages, stream)).toBe(200)
    expect(upstream.requests.slice(-2).map(({ path }) => path)).toEqual(["/v1/messages", `/${name}/messages`])
  }
})

test("a model list that is switched off is not asked for", async () => {
  await using upstream = await vendor()
  await using gateway = await gatewayWith({
    providers: { own: custom(upstream.url, "openai", { allowed_requests: { chat_completion: true, list_models: false } }) },
  })
  expect(await (await fetch(`${gateway.url}/v1/models`)).json()).toMatchObject({ data: [] })
  expect(upstream.requests).toHaveLength(0)
})
