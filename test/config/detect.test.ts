import { expect, test } from "bun:test"
import { detectConfig, PROBE_DEADLINE_MS, probeUrl } from "../../src/config/detect.ts"
import { ENV, FACTS } from "./facts.ts"

const never = () => Promise.resolve(false)

async function ids(env: Readonly<Record<string, string>>, probe: (url: string) => Promise<boolean>): Promise<string[]> {
  const { result } = await detectConfig({ env, providers: FACTS, probe })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  expect(result.warnings).toEqual([])
  return result.config.providers.map((entry) => entry.id)
}

test("with nothing at hand there is still the mock", async () => {
  expect(await ids({}, never)).toEqual(["mock"])
})

test("environment variables make providers; an empty one does not", async () => {
  expect(await ids({ ...ENV, GROQ_API_KEY: " " }, never)).toEqual(["openai", "anthropic", "mock"])
})

test("only default addresses on this machine are asked, and one that answers is used", async () => {
  const asked: string[] = []
  const found = await ids({}, async (url) => {
    asked.push(url)
    return true
  })
  expect(asked).toEqual(["http://localhost:11434"])
  expect(found).toEqual(["ollama", "mock"])
})

test("a probe that fails or never ends holds up nothing", async () => {
  expect(await ids({}, () => Promise.reject(new Error("x")))).toEqual(["mock"])
  expect(await ids({}, () => new Promise(() => {}))).toEqual(["mock"])
  expect(PROBE_DEADLINE_MS).toBeLessThanOrEqual(300)
})

test("the text of a detection holds no key", async () => {
  const { text } = await detectConfig({ env: ENV, providers: FACTS, probe: never })
  for (const value of Object.values(ENV)) expect(text).not.toContain(value)
})

test("an address that answers with anything is there, a closed port is not", async () => {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("no", { status: 500 }) })
  const url = `http://127.0.0.1:${server.port}`
  expect(await probeUrl(url)).toBe(true)
  await server.stop(true)
  expect(await probeUrl(url)).toBe(false)
})
