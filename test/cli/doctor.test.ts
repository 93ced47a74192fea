import { describe, expect, setDefaultTimeout, test } from "bun:test"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { PROBE_DEADLINE_MS } from "../../src/config/detect.ts"
import { startGateway } from "../support/gateway.ts"
import { tempFolder } from "../support/temp.ts"
import { runProcess } from "./process.ts"

setDefaultTimeout(30_000)

const lines = (out: string, subject: string): readonly string[] =>
  out.split("\n").filter((line) => line.slice(6).startsWith(subject))

describe("doctor", () => {
  test("finds nothing wrong where nothing is, and says which variables would bring a provider", async () => {
    await using folder = await tempFolder()
    const { code, out } = await runProcess(folder.path, ["doctor", "--dir", folder.path, "--port", "0"])
    expect(out).not.toContain("fail")
    expect(code).toBe(0)
    expect(lines(out, "folder")).toEqual([expect.stringMatching(/^ok /)])
    expect(lines(out, "calls at once")[0]).toContain("65535")
    expect(lines(out, "providers")[0]).toMatch(/^warn .*neither a key nor a local server/)
    expect(out).toContain("→ set one of OPENAI_API_KEY, ")
    expect(lines(out, "access")[0]).toContain("only this machine")
  })

  test("without a file names the variables that would bring further providers, with one does not", async () => {
    await using folder = await tempFolder()
    const words = ["doctor", "--dir", folder.path, "--port", "0"]
    const env = { OPENAI_API_KEY: "sk-test" }
    const [line = ""] = lines((await runProcess(folder.path, words, env)).out, "not set")
    expect(line).toContain("ANTHROPIC_API_KEY")
    expect(line).not.toContain("OPENAI_API_KEY")
    await writeFile(join(folder.path, "config.json"), '{ "providers": { "mock": {} } }')
    expect(lines((await runProcess(folder.path, words, env)).out, "not set")).toEqual([])
  })

  test("tells each provider's keys by the variable they come from, and a local server that does not answer", async () => {
    await using folder = await tempFolder()
    const providers = {
      openai: { keys: [{ name: "main", value: "env.OPENAI_API_KEY", models: ["*"] }] },
      ollama: { network_config: { base_url: "http://127.0.0.1:9" } },
    }
    await writeFile(join(folder.path, "config.json"), JSON.stringify({ providers }))
    const words = ["doctor", "--dir", folder.path, "--port", "0", "--host", "0.0.0.0"]
    const { code, out } = await runProcess(folder.path, words, { OPENAI_API_KEY: "sk-secret-value-0123456789" })
    expect(code).toBe(0)
    expect(lines(out, "openai")[0]).toContain("OPENAI_API_KEY set")
    expect(out).not.toContain("sk-secret")
    expect(lines(out, "ollama")[0]).toMatch(/^warn .*does not answer/)
    expect(lines(out, "access")[0]).toMatch(/^warn /)
    expect(lines(out, "admin")[0]).toMatch(/^warn /)
  })

  test("gives a local server that is busy time to answer", async () => {
    await using folder = await tempFolder()
    await using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async () => {
        await Bun.sleep(2 * PROBE_DEADLINE_MS)
        return new Response()
      },
    })
    const providers = { ollama: { network_config: { base_url: server.url.origin } } }
    await writeFile(join(folder.path, "config.json"), JSON.stringify({ providers }))
    const { out } = await runProcess(folder.path, ["doctor", "--dir", folder.path, "--port", "0"], {})
    expect(lines(out, "ollama")[0]).toMatch(/^ok .*:\d+ answers/)
  })

  test("fails where calls need a credential that does not exist", async () => {
    await using folder = await tempFolder()
    const client = { enforce_auth_on_inference: true }
    const write = (more: object) =>
      writeFile(join(folder.path, "config.json"), JSON.stringify({ client, providers: { mock: {} }, ...more }))
    const words = ["doctor", "--dir", folder.path, "--port", "0"]
    await write({})
    const shut = await runProcess(folder.path, words)
    expect(shut.code).toBe(1)
    expect(lines(shut.out, "access")[1]).toMatch(/^fail .*all are refused/)
    await write({ admin: { token: "t-0123456789" } })
    expect((await runProcess(folder.path, words)).code).toBe(0)
  })

  test("fails on a bad file and says what a start would do", async () => {
    await using folder = await tempFolder()
    await writeFile(join(folder.path, "config.json"), '{ "providers": [] }')
    const { code, out } = await runProcess(folder.path, ["doctor", "--dir", folder.path, "--port", "0"])
    expect(code).toBe(1)
    expect(lines(out, "config")[0]).toContain("a start would fail")
    expect(lines(out, "config").length).toBeGreaterThan(1)
  })

  test("knows a port taken by a gateway from one taken by something else", async () => {
    await using gateway = await startGateway({ config: { providers: { mock: {} } } })
    using other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("hello") })
    const { path } = gateway.folder
    const beside = await runProcess(path, ["doctor", "--dir", path, "--port", String(gateway.port)])
    expect(lines(beside.out, "port")[0]).toMatch(/^warn .*a gateway is running/)
    const blocked = await runProcess(path, ["doctor", "--dir", path, "--port", String(other.port)])
    expect(blocked.code).toBe(1)
    expect(lines(blocked.out, "port")[0]).toMatch(/^fail /)
  })

  test("looks at addresses elsewhere only when asked to", async () => {
    await using folder = await tempFolder()
    const away = {
      network_config: { base_url: "https://nowhere.invalid" },
      custom_provider_config: { base_provider_type: "openai" },
    }
    await writeFile(join(folder.path, "config.json"), JSON.stringify({ providers: { away } }))
    const words = ["doctor", "--dir", folder.path, "--port", "0"]
    expect(lines((await runProcess(folder.path, words)).out, "away")[0]).not.toContain("answer")
    const { code, out } = await runProcess(folder.path, [...words, "--online"])
    expect(code).toBe(1)
    expect(lines(out, "away")[0]).toMatch(/^fail .*nowhere\.invalid does not answer/)
  })

  test("a folder that cannot be is a failure", async () => {
    await using folder = await tempFolder()
    await writeFile(join(folder.path, "file"), "")
    const { code, out } = await runProcess(folder.path, ["doctor", "--dir", join(folder.path, "file", "d"), "--port", "0"])
    expect(code).toBe(1)
    expect(lines(out, "folder")[0]).toMatch(/^fail /)
  })
})
