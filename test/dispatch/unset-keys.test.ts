import { expect, test } from "bun:test"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { startGateway } from "../../src/app.ts"
import { reply } from "../support/answers/turn.ts"
import { tempFolder } from "../support/temp.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { chat, provider } from "./gateway.ts"

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
