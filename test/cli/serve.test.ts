import { describe, expect, setDefaultTimeout, test } from "bun:test"
import { chmod, mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { startGateway } from "../support/gateway.ts"
import { tempFolder } from "../support/temp.ts"
import { json } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { runProcess } from "./process.ts"
import { providerAt, untilPrinted } from "./shop.ts"

setDefaultTimeout(30_000)

describe("serve", () => {
  test("prints where it listens, its file and a call to try, in plain lines", async () => {
    await using gateway = await startGateway({ config: providerAt("http://127.0.0.1:9") })
    const text = gateway.output()
    expect(text).toContain(`listening on ${gateway.url}`)
    expect(text).toContain(join(gateway.folder.path, "config.json"))
    expect(text).toContain('"model":"shop/m"')
    expect(text).not.toContain("\u001b")
  })

  test("names a model that answers where nobody is watching, and asks no provider for it", async () => {
    await using upstream = await fakeUpstream({ script: json(200, { object: "list", data: [] }) })
    const network_config = { base_url: upstream.url }
    const custom_provider_config = { base_provider_type: "openai" }
    const away = { keys: [{ name: "k", value: "sk-test", models: ["*"] }], network_config, custom_provider_config }
    await using gateway = await startGateway({ config: { providers: { away, mock: {} } } })
    await untilPrinted(gateway, "page  ")
    expect(gateway.output()).toContain("claude --model mock/echo\n")
    const [line = ""] = /curl .*/.exec(gateway.output()) ?? []
    const shell = Bun.spawn(["sh", "-c", `${line} -s`], { stdout: "pipe" })
    expect(await new Response(shell.stdout).json()).toMatchObject({ choices: [{ message: { content: "Hello" } }] })
    expect(upstream.requests).toEqual([])
  })

  test("a call made just before the end is in the log", async () => {
    await using folder = await tempFolder()
    await using first = await startGateway({ folder, config: { providers: { mock: {} } } })
    const body = JSON.stringify({ model: "mock/echo", messages: [{ role: "user", content: "remember me" }] })
    const headers = { "content-type": "application/json" }
    const answer = await fetch(`${first.url}/v1/chat/completions`, { method: "POST", headers, body })
    expect(answer.status).toBe(200)
    expect(await first.stop()).toBe(0)
    await using second = await startGateway({ folder })
    const { logs } = (await (await fetch(`${second.url}/api/logs`)).json()) as { logs: { id: string }[] }
    expect(logs.map(({ id }) => id)).toEqual([answer.headers.get("x-gantry-request-id") ?? "none"])
  })

  test("an edit that needs a restart says so", async () => {
    await using gateway = await startGateway({ config: { providers: { mock: {} } } })
    const edited = { providers: { mock: {} }, client: { log_retention_days: 3 } }
    await writeFile(join(gateway.folder.path, "config.json"), JSON.stringify(edited))
    gateway.kill("SIGHUP")
    await untilPrinted(gateway, "client.log_retention_days: the edit takes effect with the next start")
  })

  test("variables stand for flags", async () => {
    await using folder = await tempFolder()
    await mkdir(join(folder.path, "d"))
    await writeFile(join(folder.path, "d", "config.json"), "{ bad")
    const { code, err } = await runProcess(folder.path, [], { GANTRY_DIR: join(folder.path, "d") })
    expect(code).toBe(78)
    expect(err).toContain(join(folder.path, "d", "config.json"))
  })

  test("what BUN_OPTIONS tells the interpreter is no word of the command line", async () => {
    await using gateway = await startGateway({ config: { providers: { mock: {} } }, env: { BUN_OPTIONS: "--smol" } })
    expect(gateway.output()).toContain("listening on")
  })

  test("a bad file is explained, code 78", async () => {
    await using folder = await tempFolder()
    const file = join(folder.path, "config.json")
    await writeFile(file, '{ "providers": { "openai": { "kees": [] } } }')
    const { code, err, out } = await runProcess(folder.path, ["--config", file, "--dir", folder.path, "--port", "0"])
    expect(code).toBe(78)
    expect(out).toBe("")
    expect(err).toContain(`${file}:1:`)
    expect(err).toEndWith("gantry: not started, for this configuration cannot be used\n")
    expect(err).toContain("keys")
  })

  test("after a good start a bad file is survived, unless that is forbidden", async () => {
    await using folder = await tempFolder()
    await using first = await startGateway({ folder, config: { providers: { mock: {} } } })
    expect(await first.stop()).toBe(0)
    await using second = await startGateway({ folder, config: "{ bad" })
    expect(second.output()).toContain("the last good copy of")
    await second.stop()
    await expect(startGateway({ folder, args: ["--strict-config"] })).rejects.toThrow("ended with code 78")
  })

  test("a taken port is one clear line, code 1", async () => {
    await using folder = await tempFolder()
    using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("") })
    const { code, err } = await runProcess(folder.path, ["--port", String(server.port), "--dir", folder.path])
    expect(code).toBe(1)
    expect(err).toBe(`gantry: port ${server.port} is taken; choose another with --port, or --port 0 for any free one\n`)
  })

  test("a folder in use is one clear line, code 1; one whose gateway was killed is free", async () => {
    await using folder = await tempFolder()
    const config = { providers: { mock: {} } }
    const data = join(folder.path, "data")
    await using first = await startGateway({ folder, config })
    const second = await runProcess(folder.path, ["--port", "0", "--dir", data])
    expect(second.code).toBe(1)
    expect(second.out).toBe("")
    expect(second.err).toBe(
      `gantry: another gateway is running on the folder ${data}; stop it, or choose another folder with --dir\n`,
    )
    first.kill("SIGKILL")
    await first.exited
    await using third = await startGateway({ folder, config })
    expect((await fetch(`${third.url}/health`)).status).toBe(200)
  })

  test("where calls need a credential the call to try carries a place for it, and works once that is filled", async () => {
    const config = { admin: { token: "t-0123456789" }, client: { enforce_auth_on_inference: true }, providers: { mock: {} } }
    await using gateway = await startGateway({ config })
    await untilPrinted(gateway, "try  ")
    const [line = ""] = /curl .*/.exec(gateway.output()) ?? []
    const run = async (command: string) => {
      const shell = Bun.spawn(["sh", "-c", `${command} -s -o /dev/null -w '%{http_code}'`], { stdout: "pipe" })
      return new Response(shell.stdout).text()
    }
    expect(await run(line)).toBe("401")
    expect(await run(line.replace("<admin token>", "t-0123456789"))).toBe("200")
  })

  test("a key whose variable is not set is one warning, and an error to who is strict", async () => {
    await using folder = await tempFolder()
    const keys = [
      { name: "here", value: "sk-test" },
      { name: "away", value: "env.NOT_THERE" },
    ]
    const config = { providers: { openai: { keys } } }
    await using gateway = await startGateway({ folder, config })
    const told = gateway
      .output()
      .split("\n")
      .filter((line) => line.includes("NOT_THERE"))
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(/^warning\s+providers\.openai\.keys\[1\]\.value: the environment variable NOT_THERE is not set/)
    expect(await gateway.stop()).toBe(0)
    await expect(startGateway({ folder, args: ["--strict-config"] })).rejects.toThrow("ended with code 78")
    const place = ["--config", join(folder.path, "config.json")]
    expect((await runProcess(folder.path, ["validate", ...place])).code).toBe(1)
    const doctor = await runProcess(folder.path, ["doctor", ...place, "--port", "0"])
    expect(doctor.code).toBe(0)
    expect(doctor.out).toContain("NOT_THERE is not set, so this key is left out")
  })

  test("a folder that cannot be made is a warning", async () => {
    await using folder = await tempFolder()
    const blocked = join(folder.path, "blocked")
    await writeFile(blocked, "")
    await chmod(blocked, 0o400)
    await using gateway = await startGateway({ folder, config: { providers: { mock: {} } }, args: ["--dir", join(blocked, "d")] })
    expect(gateway.output()).toContain(`${join(blocked, "d")} cannot be written to`)
    expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(200)
  })

  test("an address that others can reach brings a token for the admin side, printed once", async () => {
    await using gateway = await startGateway({ config: { providers: { mock: {} } }, args: ["--host", "0.0.0.0"] })
    const text = gateway.output()
    const [, token = ""] = /admin token\s+(\S+)/.exec(text) ?? []
    expect(text.split(token).length).toBe(2)
    expect(text).toContain("anybody who reaches this address")
    const metrics = (headers: HeadersInit) => fetch(`http://127.0.0.1:${gateway.port}/metrics`, { headers })
    expect((await metrics({})).status).toBe(401)
    expect((await metrics({ authorization: `Bearer ${token}` })).status).toBe(200)
  })

  test("an edit that takes the admin credential out there says that it shuts the admin side", async () => {
    const config = { providers: { mock: {} }, admin: { token: "a-token-of-the-test" } }
    await using gateway = await startGateway({ config, args: ["--host", "0.0.0.0"] })
    await writeFile(join(gateway.folder.path, "config.json"), JSON.stringify({ providers: { mock: {} } }))
    gateway.kill("SIGHUP")
    await untilPrinted(gateway, "admin: the file sets no credential any more")
  })
})
