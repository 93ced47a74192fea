import { expect, test } from "bun:test"
import { constants } from "node:fs"
import { open, readdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { startGateway } from "../src/app.ts"
import { sqliteLogStore } from "../src/store/sqlite/log-store.ts"
import { skipWithReason } from "./support/skip.ts"
import { tempFolder } from "./support/temp.ts"

const config = { providers: { mock: {} }, client: { enable_logging: false } }

async function started(dir: string, content: object = config) {
  const told: string[] = []
  await writeFile(join(dir, "config.json"), JSON.stringify(content))
  const log = (level: string, message: string) => void told.push(`${level}: ${message}`)
  return { gateway: await startGateway({ host: "127.0.0.1", port: 0, dir, strict: true, env: {}, log }), told }
}

if (process.platform === "win32") skipWithReason("a disk that holds up a write", "Windows has no named pipes in folders")
else
  test("a disk that holds up a write does not hold up the start", async () => {
    await using folder = await tempFolder()
    const draft = join(folder.path, `.last-good.json.${process.pid}.tmp`)
    // opening a pipe for writing waits for its reader
    expect(Bun.spawnSync(["mkfifo", draft]).exitCode).toBe(0)
    const { gateway, told } = await started(folder.path)
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200)
    const reader = await open(draft, constants.O_RDONLY | constants.O_NONBLOCK)
    await gateway.drain()
    await reader.close()
    expect(told).toContainEqual(expect.stringMatching(/^warn: no copy of this configuration could be kept \(E/))
    expect(gateway.source.current().warnings.map(({ message }) => message)).toContainEqual(expect.stringContaining("no copy"))
  })

test("a stop right after the start leaves a whole copy of the configuration, and nothing beside it", async () => {
  await using folder = await tempFolder()
  const { gateway, told } = await started(folder.path)
  await gateway.drain()
  expect((await readdir(folder.path)).sort()).toEqual(["config.json", "last-good.json"])
  expect(await Bun.file(join(folder.path, "last-good.json")).text()).toEndWith(`\n${JSON.stringify(config)}`)
  expect(told).toEqual([])
})

test("a secret that a caller quotes is not on the disk", async () => {
  await using folder = await tempFolder()
  const [token, key] = ["admin-token-0123456789", "sk-own-0123456789"]
  const { gateway } = await started(folder.path, {
    admin: { token },
    providers: { mock: { keys: [{ name: "one", value: key, models: ["*"], weight: 1 }] } },
    client: { enable_logging: true },
  })
  const messages = [{ role: "user", content: `my keys are ${token} and ${key}` }]
  const headers = { "content-type": "application/json", authorization: "Bearer sk-callers-own-0123456789", "x-api-key": token }
  const body = JSON.stringify({ model: "mock/echo", messages })
  const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers, body })
  expect(await response.text()).toContain(key)
  await gateway.drain()
  const store = sqliteLogStore({ directory: join(folder.path, "logs") })
  const [record] = (await store.list({})).records
  const kept = (await store.get(record?.id ?? ""))?.payloads ?? []
  await store.stop(5_000)
  expect(kept.length).toBeGreaterThanOrEqual(2)
  for (const { bytes } of kept) expect(new TextDecoder().decode(bytes)).toContain("my keys are [redacted]")
  for (const secret of [token, key, "sk-callers-own"])
    for (const { bytes } of [...kept, { bytes: Buffer.from(JSON.stringify(record)) }])
      expect(Buffer.from(bytes).includes(secret)).toBe(false)
})
