import { expect, test } from "bun:test"
import { reply } from "../support/answers/turn.ts"
import { type Answer, fakeUpstream } from "../support/upstream.ts"
import { chat, gatewayWith, post } from "./gateway.ts"

const modelList: Answer = (writer) => {
  writer.head(200, { "content-type": "application/json" })
  writer.write('{"data":[{"id":"listed"}]}')
  return writer.end()
}

async function server() {
  const upstream = await fakeUpstream()
  upstream.on((request) => (request.method === "GET" ? modelList : reply(chat.voice, request.json(), { text: "fine" })))
  return upstream
}

const keyAt = (name: string, url?: string) => ({
  name,
  value: "",
  models: ["*"],
  weight: 1,
  ...(url === undefined ? {} : { ollama_key_config: { url } }),
})

test("a key with an address of its own is used there, however the address ends, and the list comes from the first", async () => {
  await using one = await server()
  await using two = await server()
  for (const [first, second] of [
    ["", ""],
    ["/v1", ""],
    ["", "/v1/"],
    ["/v1", "/v1"],
  ]) {
    const keys = [keyAt("one", one.url + first), keyAt("two", two.url + second)]
    await using gateway = await gatewayWith({ providers: { ollama: { keys, network_config: { max_retries: 0 } } } })
    for (const name of ["one", "two"]) {
      const response = await post(gateway, chat, chat.body("ollama/m"), { headers: { "x-bf-api-key": name } })
      expect(response.status).toBe(200)
      expect(response.headers.get("x-gantry-key-name")).toBe(name)
    }
    expect(one.requests.at(-1)?.path).toBe("/v1/chat/completions")
    expect(two.requests.at(-1)?.path).toBe("/v1/chat/completions")
    expect(await (await fetch(`${gateway.url}/v1/models`)).text()).toContain("ollama/listed")
  }
  expect(one.requests).toHaveLength(8)
  expect(two.requests).toHaveLength(4)
})

test("a key without one goes to the provider's, whatever its neighbours have", async () => {
  await using one = await server()
  await using two = await server()
  const keys = [keyAt("one", one.url), keyAt("plain")]
  await using gateway = await gatewayWith({
    providers: { ollama: { keys, network_config: { base_url: two.url, max_retries: 0 } } },
  })
  for (const name of ["one", "plain"])
    expect((await post(gateway, chat, chat.body("ollama/m"), { headers: { "x-bf-api-key": name } })).status).toBe(200)
  expect([one.requests.length, two.requests.length]).toEqual([1, 1])
})

test("the list is read where the key that asks for it belongs, and nobody else gets that key", async () => {
  await using one = await server()
  await using two = await server()
  const value = "sk-of-one-0123456789"
  const keys = [{ ...keyAt("one", one.url), value }, keyAt("plain")]
  await using gateway = await gatewayWith({
    providers: { ollama: { keys, network_config: { base_url: two.url, max_retries: 0 } } },
  })
  expect(await (await fetch(`${gateway.url}/v1/models`)).text()).toContain("ollama/listed")
  expect(one.requests.map(({ path }) => path)).toEqual(["/v1/models"])
  expect(two.requests).toEqual([])
})

test("a server that is down is left for the next one, by a conversation that has been there too", async () => {
  await using one = await server()
  const keys = [keyAt("gone", "http://127.0.0.1:1"), keyAt("one", one.url)]
  await using gateway = await gatewayWith({
    providers: { ollama: { keys, network_config: { max_retries: 1, retry_backoff_initial: 1 } } },
  })
  for (let index = 0; index < 12; index++) {
    const headers: Record<string, string> = index < 6 ? {} : { "x-bf-session-id": `conversation ${index}` }
    expect((await post(gateway, chat, chat.body("ollama/m"), { headers })).status).toBe(200)
  }
})
