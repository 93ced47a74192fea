import { expect, test } from "bun:test"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { startGateway } from "../../src/app.ts"
import { reply } from "../support/answers/turn.ts"
import { tempFolder } from "../support/temp.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { chat, clients, gatewayWith, messages, post, provider } from "./gateway.ts"

test("calls that need a key whose variable is not set are told which; the others are served", async () => {
  await using folder = await tempFolder()
  await using upstream = await fakeUpstream({ script: { on: (request) => reply(chat.voice, request.json(), { text: "fine" }) } })
  const key = (name: string, value: string, more: object = {}) => ({ name, value, models: ["*"], weight: 1, ...more })
  const config = {
    client: { enable_logging: false },
    providers: {
      good: provider(upstream.url, { keys: [key("set", "sk-1"), key("spare", "env.SPARE_KEY")] }),
      bad: provider(upstream.url, { keys: [key("main", "env.MAIN_KEY", { aliases: { fast: "m" } })] }),
    },
  }
  await writeFile(join(folder.path, "config.json"), JSON.stringify(config))
  const lines: string[] = []
  const log = (_level: string, message: string) => void lines.push(message)
  const gateway = await startGateway({ host: "127.0.0.1", port: 0, dir: folder.path, strict: false, env: {}, log })
  const ask = async (model: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${gateway.url}${chat.path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(chat.body(model)),
    })
    return [response.status, chat.errorMessage(await response.json())] as const
  }
  try {
    expect(await ask("good/m")).toEqual([200, undefined])
    for (const model of ["bad/m", "fast"])
      expect(await ask(model)).toEqual([
        502,
        "bad has no key that can be used: environment variables are not set (key main wants MAIN_KEY)",
      ])
    expect((await ask("good/m", { "x-bf-api-key": "spare" }))[1]).toContain("key spare wants SPARE_KEY")
    expect(upstream.requests).toHaveLength(1)
    const status = (await (await fetch(`${gateway.url}/api/status`)).json()) as {
      providers: { id: string; modelsError?: string }[]
    }
    expect(status.providers.find(({ id }) => id === "bad")?.modelsError).toBe("there is no key: MAIN_KEY is not set")
  } finally {
    await gateway.drain()
  }
})

test("a provider without any key says so in every format, and what would give it one", async () => {
  await using gateway = await gatewayWith({
    providers: {
      openai: {},
      anthropic: { keys: [] },
      groq: { keys: [{ name: "resting", value: "gsk-0123456789", enabled: false }] },
      workshop: provider("http://127.0.0.1:9", { keys: [] }),
      mock: {},
    },
  })
  for (const [model, what] of [
    [
      "openai/gpt-x",
      "set the environment variable OPENAI_API_KEY for the start of the gateway, or add a key under providers.openai.keys",
    ],
    ["anthropic/claude-x", "add a key under providers.anthropic.keys"],
    ["groq/llama-x", "enable a key under providers.groq.keys, or add one"],
    ["workshop/m", "add a key under providers.workshop.keys, or set custom_provider_config.is_key_less if it wants none"],
  ] as const) {
    for (const client of clients) {
      const response = await post(gateway, client, client.body(model))
      expect(response.status).toBe(502)
      const id = model.slice(0, model.indexOf("/"))
      expect(client.errorMessage(await response.json())).toBe(`${id} has no key that can be used: ${what}`)
    }
  }
  const fallen = await post(gateway, chat, chat.body("openai/gpt-x", { fallbacks: ["mock/echo"] }))
  expect(fallen.status).toBe(200)
  const status = (await (await fetch(`${gateway.url}/api/status`)).json()) as {
    providers: { id: string; modelsError?: string }[]
  }
  expect(status.providers.find(({ id }) => id === "openai")?.modelsError).toContain("OPENAI_API_KEY")
})

test("a provider that is known and not configured is told with the variable of its key", async () => {
  await using gateway = await gatewayWith({ providers: { mock: {} } })
  const response = await post(gateway, chat, chat.body("openai/gpt-x"))
  expect(response.status).toBe(404)
  expect(chat.errorMessage(await response.json())).toContain("set OPENAI_API_KEY for the start of the gateway")
})

test("a vendor's bare model name is told whose it is, and which variable would give its provider a key", async () => {
  await using gateway = await gatewayWith({ providers: { mock: {} } })
  const response = await post(gateway, messages, messages.body("claude-sonnet-4-5"))
  expect(response.status).toBe(404)
  const message = messages.errorMessage(await response.json())
  expect(message).toContain("a model of anthropic")
  expect(message).toContain("set ANTHROPIC_API_KEY for the start of the gateway")
})
