import { describe, expect, test } from "bun:test"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { startGateway } from "../../src/app.ts"
import { chat, gatewayWith, post, provider } from "../dispatch/gateway.ts"
import { unary } from "../support/answers/turn.ts"
import { tempFolder } from "../support/temp.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { rawExchange, statusOf } from "./raw.ts"

const token = "admin-token-0123456789"
const statusAt = async (url: string, path: string, more = ""): Promise<number> =>
  statusOf(await rawExchange(url, `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}Connection: close\r\n\r\n`))

describe("the admin side", () => {
  test("is shut without its credential, however the path is written", async () => {
    await using gateway = await gatewayWith({ admin: { token }, providers: {} })
    for (const path of ["/", "/metrics", "/api/logs", "/api/status", "/api/session/login/x", "/ws"]) {
      for (const spelling of [path, `${path}/`, `${path}?a=b`, `${path}/?a=b`, `/${path}`, `/.${path}`, `/v1/..${path}`]) {
        const status = await statusAt(gateway.url, spelling)
        expect([401, 404], `${spelling}: ${status}`).toContain(status)
      }
      expect(await statusAt(gateway.url, path)).toBe(401)
    }
    expect(await statusAt(gateway.url, "/health")).toBe(503)
  })

  test("opens to the token as bearer and password, and to nothing like it", async () => {
    await using gateway = await gatewayWith({ admin: { token }, providers: {} })
    const basic = (text: string) => `Authorization: Basic ${Buffer.from(text).toString("base64")}\r\n`
    for (const good of [`Authorization: Bearer ${token}\r\n`, `X-Api-Key: ${token}\r\n`, basic(`me:${token}`)])
      expect(await statusAt(gateway.url, "/metrics/", good)).toBe(200)
    for (const bad of [`Authorization: Bearer ${token}x\r\n`, basic(`${token}:`), `Cookie: gantry_session=${token}\r\n`])
      expect(await statusAt(gateway.url, "/metrics", bad)).toBe(401)
  })

  test("opens to a login of the file, and is not shut by one that is switched off", async () => {
    const login = { admin_username: "root", admin_password: "pass-word-0123456789" }
    const basic = `Authorization: Basic ${Buffer.from("root:pass-word-0123456789").toString("base64")}\r\n`
    await using guarded = await gatewayWith({ auth_config: { is_enabled: true, ...login }, providers: {} })
    expect(await statusAt(guarded.url, "/metrics")).toBe(401)
    expect(await statusAt(guarded.url, "/metrics", basic)).toBe(200)
    await using off = await gatewayWith({ auth_config: { is_enabled: false, ...login }, providers: {} })
    expect(await statusAt(off.url, "/metrics")).toBe(200)
  })

  test("of an open bind stays shut when its credential is taken out of the file", async () => {
    const folder = await tempFolder()
    const file = join(folder.path, "config.json")
    await writeFile(file, JSON.stringify({ admin: { token }, providers: {} }))
    const gateway = await startGateway({ host: "0.0.0.0", port: 0, dir: folder.path, strict: true, env: {}, log: () => {} })
    try {
      const url = gateway.url.replace("0.0.0.0", "127.0.0.1")
      const bearer = `Authorization: Bearer ${token}\r\n`
      expect(gateway.madeToken).toBeUndefined()
      expect(await statusAt(url, "/api/version", bearer)).toBe(200)
      await writeFile(file, JSON.stringify({ providers: {} }))
      await gateway.reload()
      expect(await statusAt(url, "/api/version")).toBe(401)
      expect(await statusAt(url, "/api/version", bearer)).toBe(401)
    } finally {
      await gateway.drain()
      await folder.remove()
    }
  })

  test("lets a listed page ask beforehand, and read why it is refused", async () => {
    const client = { allowed_origins: ["https://app.example"], enforce_auth_on_inference: true }
    await using gateway = await gatewayWith({ admin: { token }, client, providers: {} })
    const ask = (path: string, method: string, origin: string, authorization?: string) =>
      fetch(gateway.url + path, { method, headers: { origin, ...(authorization && { authorization }) } })
    for (const path of ["/v1/chat/completions", "/v1/models", "/api/version"]) {
      expect((await ask(path, "OPTIONS", "https://app.example")).status).toBe(204)
      expect((await ask(path, "OPTIONS", "https://evil.example")).status).toBe(403)
      const refused = await ask(path, "GET", "https://app.example")
      expect(refused.status).toBe(401)
      expect(refused.headers.get("access-control-allow-origin")).toBe("https://app.example")
    }
    expect((await ask("/api/version", "GET", "https://app.example", `Bearer ${token}`)).status).toBe(200)
  })

  test("has a token that no vendor is shown, also where callers bring keys of their own", async () => {
    await using upstream = await fakeUpstream({ script: unary(chat.voice, { text: "fine" }) })
    const client = { allow_direct_keys: true, enforce_auth_on_inference: true }
    await using gateway = await gatewayWith({ admin: { token }, client, providers: { only: provider(upstream.url) } })
    const ask = (headers: Record<string, string>) =>
      post(gateway, chat, chat.body("only/m"), { headers: { "x-bf-direct-key": "true", ...headers } })
    expect((await ask({ authorization: `Bearer ${token}`, "x-api-key": "sk-the-callers-own" })).status).toBe(200)
    expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(200)
    expect((await ask({ authorization: "Bearer sk-the-callers-own", "x-api-key": token })).status).toBe(200)
    expect(upstream.requests.map(({ headers }) => headers.get("authorization"))).toEqual([
      "Bearer sk-the-callers-own",
      "Bearer sk-test-0123456789abcdef",
      "Bearer sk-the-callers-own",
    ])
  })
})
