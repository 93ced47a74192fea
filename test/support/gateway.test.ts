import { expect, test } from "bun:test"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { startGateway } from "./gateway.ts"
import { tempFolder } from "./temp.ts"

const standIn = `
const argument = (name) => process.argv[process.argv.indexOf(name) + 1]
const config = process.argv.includes("--config") ? await Bun.file(argument("--config")).json() : null
let polls = 0
const server = Bun.serve({ port: Number(argument("--port")), hostname: argument("--host"), fetch: (request) =>
  new URL(request.url).pathname === "/health" ? new Response("", { status: polls++ ? 200 : 503 })
    : Response.json({ config, environment: Object.keys(process.env) }) })
console.error("listening on http://127.0.0.1:" + server.port)
process.on("SIGTERM", () => process.exit(7))
`

async function standInCommand(folder: string, code: string): Promise<readonly string[]> {
  const file = join(folder, "stand-in.ts")
  await Bun.write(file, code)
  return [process.execPath, "run", file]
}

test("a gateway gets its config and a clean environment, and its folder goes with it", async () => {
  await using sources = await tempFolder()
  const command = await standInCommand(sources.path, standIn)
  const gateway = await startGateway({ command, config: { client: { enable_logging: false } }, env: { EXTRA: "1" } })
  const told = (await (await fetch(gateway.url)).json()) as { config: object; environment: string[] }
  expect(told.config).toEqual({ client: { enable_logging: false } })
  expect(told.environment).toContain("EXTRA")
  expect(told.environment).not.toContain("TRAFFIC_DIR")
  expect(gateway.output()).toContain(`listening on ${gateway.url}`)
  expect(await gateway.stop()).toBe(7)
  expect(existsSync(gateway.folder.path)).toBe(false)
})

test("a folder given by the caller outlives a killed gateway", async () => {
  await using folder = await tempFolder()
  const command = await standInCommand(folder.path, standIn)
  const first = await startGateway({ command, folder, config: { version: 2 } })
  first.kill("SIGKILL")
  await first.exited
  await using second = await startGateway({ command, folder })
  expect(await (await fetch(second.url)).json()).toMatchObject({ config: { version: 2 } })
})

test("a gateway that dies at start tells what it printed", async () => {
  await using folder = await tempFolder()
  const command = await standInCommand(folder.path, `console.error("no such option"); process.exit(3)`)
  await expect(startGateway({ command })).rejects.toThrow(/ended with code 3[\s\S]*no such option/)
})
