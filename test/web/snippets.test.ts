import { expect, setDefaultTimeout, test } from "bun:test"
import { symlink } from "node:fs/promises"
import { join } from "node:path"
import { snippets } from "../../web/routes/overview/snippets.ts"
import { startGateway } from "../support/gateway.ts"
import { tempFolder } from "../support/temp.ts"
import { repository } from "../support/traffic.ts"

setDefaultTimeout(40_000)

const write = (id: string, url: string, key?: string): string => {
  const snippet = snippets.find((one) => one.id === id)
  if (snippet === undefined) throw new Error(`there is no snippet ${id}`)
  return snippet.write(url, "mock/echo", key)
}

const token = "t-0123456789"
const guarded = { admin: { token }, client: { enforce_auth_on_inference: true }, providers: { mock: {} } }

test.each([
  ["openai-js", "pasted", undefined],
  ["anthropic-js", "pasted", undefined],
  ["openai-js", "pasted with the credential that calls need", token],
  ["anthropic-js", "pasted with the credential that calls need", token],
])("%s runs as it is %s", async (id, _how, key) => {
  await using gateway = await startGateway(key === undefined ? {} : { config: guarded })
  await using folder = await tempFolder()
  await symlink(join(repository, "node_modules"), join(folder.path, "node_modules"))
  const file = join(folder.path, "snippet.ts")
  await Bun.write(file, write(id, gateway.url, key))
  const child = Bun.spawn([process.execPath, "run", file], { stdout: "pipe", stderr: "pipe", env: { PATH: process.env.PATH } })
  const [said, complaint] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  expect(`${complaint}${said}`).toContain("Hello")
  expect(await child.exited).toBe(0)
})

test("the curl snippet is one request that a shell can read", async () => {
  let seen: { readonly path: string; readonly body: unknown } | undefined
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      seen = { path: new URL(request.url).pathname, body: await request.json() }
      return new Response("fine")
    },
  })
  const code = write("curl", `http://127.0.0.1:${server.port}`)
  const [, url = "", data = ""] = /^curl -N \\\n {2}(\S+) \\\n {2}-H '[^']+' \\\n {2}-d '([^']+)'\n$/.exec(code) ?? []
  expect(await (await fetch(url, { method: "POST", body: data })).text()).toBe("fine")
  expect(seen).toEqual({
    path: "/v1/chat/completions",
    body: { model: "mock/echo", stream: true, messages: [{ role: "user", content: "Hello" }] },
  })
  await server.stop(true)
})

test("the curl snippet brings the credential that calls need", async () => {
  await using gateway = await startGateway({ config: guarded })
  const run = async (key?: string) => {
    const shell = Bun.spawn(["sh", "-c", `${write("curl", gateway.url, key).trimEnd()} -s -o /dev/null -w '%{http_code}'`], {
      stdout: "pipe",
    })
    return new Response(shell.stdout).text()
  }
  expect(await run()).toBe("401")
  expect(await run(token)).toBe("200")
})

test("the Codex snippet is TOML with the Responses format", () => {
  expect(Bun.TOML.parse(write("codex", "http://gateway.test"))).toEqual({
    model: "mock/echo",
    model_provider: "gantry",
    model_providers: { gantry: { name: "Gantry", base_url: "http://gateway.test/v1", wire_api: "responses" } },
  })
  expect(Bun.TOML.parse(write("codex", "http://gateway.test", "ADMIN_TOKEN"))).toMatchObject({
    model_providers: { gantry: { wire_api: "responses", env_key: "ADMIN_TOKEN" } },
  })
})
