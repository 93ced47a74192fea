import { describe, expect, test } from "bun:test"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { startGateway } from "../../src/app.ts"
import { isSession, sessionSeconds, sessionValue } from "../../src/http/session.ts"
import { clients, gatewayWith, post } from "../dispatch/gateway.ts"
import { tempFolder } from "../support/temp.ts"

const token = "admin-token-0123456789"
const login = { admin_username: "root", admin_password: "pass-word-0123456789" }
const json = { "content-type": "application/json" }

const signIn = (url: string, body: object | string, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/session/login`, {
    method: "POST",
    headers: { ...json, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  })

/** What a browser would send back. */
const cookieOf = (response: Response): string => response.headers.get("set-cookie")?.split(";")[0] ?? ""

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })

const statusWith = async (url: string, cookie: string, headers: Record<string, string> = {}) =>
  (await fetch(`${url}/api/version`, { headers: { cookie, ...headers } })).status

describe("signing in", () => {
  test("with the token gives a cookie that no script reads and no other site sends, without the token in it", async () => {
    await using gateway = await gatewayWith({ admin: { token }, providers: {} })
    const response = await signIn(gateway.url, { token })
    expect(response.status).toBe(200)
    const set = response.headers.get("set-cookie") ?? ""
    expect(set).toMatch(/^gantry_session=\d+\.[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/)
    expect(set + (await response.text())).not.toContain(token)
    expect(await statusWith(gateway.url, `a=b; ${cookieOf(response)}`)).toBe(200)
    const secure = await signIn(gateway.url, { token }, { "x-forwarded-proto": "https" })
    expect(secure.headers.get("set-cookie")).toEndWith("; Secure")
  })

  test("with a name and a password works where the file has them", async () => {
    await using gateway = await gatewayWith({ auth_config: { is_enabled: true, ...login }, providers: {} })
    expect(await (await fetch(`${gateway.url}/api/session/is-auth-enabled`)).json()).toEqual({
      is_auth_enabled: true,
      has_valid_token: false,
      asks_for: "login",
    })
    const response = await signIn(gateway.url, { username: login.admin_username, password: login.admin_password })
    expect(await statusWith(gateway.url, cookieOf(response))).toBe(200)
    expect((await signIn(gateway.url, { username: "toor", password: login.admin_password })).status).toBe(401)
    expect((await signIn(gateway.url, { token: login.admin_password })).status).toBe(401)
  })

  test("asks for what the file has on an open bind too, not for a token that nobody was told", async () => {
    const folder = await tempFolder()
    const config = { auth_config: { is_enabled: true, ...login }, providers: {}, client: { enable_logging: false } }
    await writeFile(join(folder.path, "config.json"), JSON.stringify(config))
    const gateway = await startGateway({ host: "0.0.0.0", port: 0, dir: folder.path, strict: true, env: {}, log: () => {} })
    try {
      const url = gateway.url.replace("0.0.0.0", "127.0.0.1")
      expect(gateway.madeToken).toBeUndefined()
      const asked = await fetch(`${url}/api/session/is-auth-enabled`)
      expect(await asked.json()).toEqual({ is_auth_enabled: true, has_valid_token: false, asks_for: "login" })
      expect(await (await fetch(`${url}/api/status`)).text()).toContain("-u NAME:PASSWORD")
      const response = await signIn(url, { username: login.admin_username, password: login.admin_password })
      expect(await statusWith(url, cookieOf(response))).toBe(200)
    } finally {
      await gateway.drain()
      await folder.remove()
    }
  })

  test("is told to whoever asks: whether one has to, and whether one has", async () => {
    await using open = await gatewayWith({ providers: {} })
    expect(await (await fetch(`${open.url}/api/session/is-auth-enabled`)).json()).toMatchObject({
      is_auth_enabled: false,
      has_valid_token: true,
    })
    await using shut = await gatewayWith({ admin: { token }, providers: {} })
    const cookie = cookieOf(await signIn(shut.url, { token }))
    const asked = await fetch(`${shut.url}/api/session/is-auth-enabled`, { headers: { cookie } })
    expect(await asked.json()).toEqual({ is_auth_enabled: true, has_valid_token: true, asks_for: "token" })
  })

  test("is refused to a wrong token, to what is no JSON, to large bodies, and to other pages' forms", async () => {
    const client = { allowed_origins: ["https://app.example"] }
    await using gateway = await gatewayWith({ admin: { token }, client, providers: {} })
    const wrong = await signIn(gateway.url, { token: `${token}x` })
    expect(wrong.status).toBe(401)
    expect(wrong.headers.get("set-cookie")).toBeNull()
    for (const body of ["{", "[]", "{}", '{"token":5}', `{"token":"${"x".repeat(5_000)}"}`])
      expect([400, 413], body.slice(0, 20)).toContain((await signIn(gateway.url, body)).status)
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
      expect((await signIn(gateway.url, { token }, { "content-type": type })).status).toBe(400)
    for (const origin of ["https://evil.example", "https://app.example", "null"])
      expect((await signIn(gateway.url, { token }, { origin })).status).toBe(403)
    for (const site of ["cross-site", "same-site"])
      expect((await signIn(gateway.url, { token }, { "sec-fetch-site": site })).status).toBe(403)
    expect((await signIn(gateway.url, { token }, { origin: gateway.url, "sec-fetch-site": "same-origin" })).status).toBe(200)
  })

  test("ends after ten wrong tries from one address, also for the right one; another address and a session get in", async () => {
    await using gateway = await gatewayWith({ admin: { token }, providers: {} })
    const cookie = cookieOf(await signIn(gateway.url, { token }))
    for (let index = 0; index < 10; index++) expect((await signIn(gateway.url, { token: `guess-${index}` })).status).toBe(401)
    const late = await signIn(gateway.url, { token })
    expect(late.status).toBe(429)
    expect(await late.json()).toMatchObject({
      error: {
        type: "rate-limit",
        message: "Too many wrong credentials have come from this address. Try again in 5 minutes.",
      },
    })
    expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0)
    expect(await statusWith(gateway.url, "", bearer(token))).toBe(429)
    expect(await statusWith(gateway.url, cookie)).toBe(200)
    expect(await statusWith(gateway.url, "")).toBe(401)
    expect(await statusWith(gateway.url, "", { ...bearer(token), "x-forwarded-for": "203.0.113.5" })).toBe(200)
    expect((await signIn(gateway.url, { token }, { "x-forwarded-for": "203.0.113.5" })).status).toBe(200)
  })
})

test("a long token is let in also after wrong ones that others brought through the same proxy", async () => {
  const long = "d0c1b2a3".repeat(4)
  const config = { admin: { token: long }, client: { enforce_auth_on_inference: true }, providers: {} }
  await using gateway = await gatewayWith(config)
  for (let index = 0; index < 10; index++) await statusWith(gateway.url, "", bearer(`guess-${index}`))
  expect(await statusWith(gateway.url, "", bearer("another"))).toBe(429)
  expect(await statusWith(gateway.url, "", bearer(long))).toBe(200)
  expect((await fetch(`${gateway.url}/v1/models`, { headers: bearer(long) })).status).toBe(200)
  expect((await signIn(gateway.url, { token: long })).status).toBe(200)
  expect((await signIn(gateway.url, { token: "another" })).status).toBe(429)
})

describe("a credential that is not it", () => {
  const places: readonly (readonly [path: string, headers: (secret: string) => Record<string, string>])[] = [
    ["/api/version", bearer],
    ["/metrics", (secret) => ({ "x-api-key": secret })],
    ["/api/version", (secret) => ({ authorization: `Basic ${btoa(`any:${secret}`)}` })],
    ["/v1/models", bearer],
    ["/v1/chat/completions", bearer],
    ["/", bearer],
    ["/api/session/is-auth-enabled", bearer],
  ]

  test("counts wherever it is brought, once however often", async () => {
    const config = { admin: { token }, client: { enforce_auth_on_inference: true }, providers: {} }
    for (const [path, headers] of places) {
      await using gateway = await gatewayWith(config)
      const method = path.endsWith("completions") ? "POST" : "GET"
      const bring = async (secret: string) => {
        const response = await fetch(gateway.url + path, { method, headers: headers(secret) })
        await response.text()
      }
      for (let index = 0; index < 30; index++) await bring("the-same-old-token")
      expect(await statusWith(gateway.url, "", bearer(token)), path).toBe(200)
      for (let index = 0; index < 9; index++) await bring(`guess-${index}`)
      expect(await statusWith(gateway.url, "", bearer(token)), path).toBe(429)
    }
  })

  test("is told from none at all, and nothing of how near it came", async () => {
    const config = { admin: { token }, client: { enforce_auth_on_inference: true }, providers: {} }
    await using gateway = await gatewayWith(config)
    const said = async (path: string, headers: Record<string, string>) => {
      const response = await fetch(gateway.url + path, { headers })
      expect(response.status).toBe(401)
      return JSON.stringify(await response.json())
    }
    for (const path of ["/api/status", "/v1/models", "/anthropic/v1/models"]) {
      expect(await said(path, {})).not.toContain("not accepted")
      const [far, near] = [await said(path, bearer("x")), await said(path, bearer(`${token}x`))]
      expect(far).toContain("the credential that was sent is not accepted: ")
      expect(near).toBe(far)
    }
  })

  test("is refused in the format of what was asked, whatever headers tell", async () => {
    const config = { admin: { token }, client: { enforce_auth_on_inference: true }, providers: {} }
    await using gateway = await gatewayWith(config)
    for (const client of clients)
      for (const path of [client.path, `${client.path}/`])
        for (const headers of [{}, bearer("guess"), { origin: "https://evil.example" }]) {
          const response = await post(gateway, { ...client, path }, client.body("m"), { headers })
          expect([401, 403]).toContain(response.status)
          expect(client.errorMessage(await response.json()), path).toBeString()
        }
  })

  test("is answered late, not never, when they come in numbers from many addresses", async () => {
    await using gateway = await gatewayWith({ admin: { token }, client: { allowed_origins: ["*"] }, providers: {} })
    const from = (address: number, secret: string) => ({ ...bearer(secret), "x-forwarded-for": `203.0.113.${address}` })
    for (let index = 0; index < 200; index++)
      expect(await statusWith(gateway.url, "", from(index % 40, `guess-${index}`))).toBe(401)
    const origin = "https://app.example"
    const response = await fetch(`${gateway.url}/api/version`, { headers: { ...from(99, "guess"), origin } })
    expect(response.status).toBe(401)
    expect(response.headers.get("access-control-allow-origin")).toBe(origin)
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="Gantry"')
    expect(await response.text()).toContain("not accepted")
    expect(await statusWith(gateway.url, "", from(100, token))).toBe(200)
  })

  test("locks out nobody else under whose address a neighbour sends it", async () => {
    await using gateway = await gatewayWith({ admin: { token }, providers: {} })
    const forged = (secret: string) => ({ ...bearer(secret), "x-forwarded-for": "127.0.0.1" })
    for (let index = 0; index < 10; index++) await statusWith(gateway.url, "", forged(`guess-${index}`))
    expect(await statusWith(gateway.url, "", forged(token))).toBe(429)
    expect(await statusWith(gateway.url, "", bearer(token))).toBe(200)
  })
})

describe("a session", () => {
  test("does nothing for pages of other origins, listed ones and other ports of this host included", async () => {
    const client = { allowed_origins: ["*"] }
    await using gateway = await gatewayWith({ admin: { token }, client, providers: {} })
    const cookie = cookieOf(await signIn(gateway.url, { token }))
    const reload = (headers: Record<string, string>) =>
      fetch(`${gateway.url}/api/config/reload`, { method: "POST", headers: { cookie, ...headers } })
    expect((await reload({ origin: "http://127.0.0.1:1" })).status).toBe(401)
    expect((await reload({ origin: "https://app.example" })).status).toBe(401)
    expect((await reload({ "sec-fetch-site": "same-site" })).status).toBe(401)
    expect((await reload({ origin: gateway.url })).status).toBe(200)
  })

  test("ends with its time, with its credential, and when it is left", async () => {
    const now = Date.UTC(2026, 10, 22)
    const value = sessionValue({ token }, now)
    expect(isSession(value, { token }, now + sessionSeconds * 1_000 - 1_000)).toBe(true)
    expect(isSession(value, { token }, now + sessionSeconds * 1_000)).toBe(false)
    expect(isSession(value, { token: `${token}2` }, now)).toBe(false)
    expect(
      isSession(
        value.replace(/^\d+/, (end) => String(Number(end) + 1)),
        { token },
        now,
      ),
    ).toBe(false)
    for (const odd of ["", ".", "1.", value.slice(0, -1), `${value}x`, `${value}\n`])
      expect(isSession(odd, { token }, now)).toBe(false)

    const named = { token, username: "root", password: "pass-word-0123456789" }
    expect(isSession(sessionValue(named, now), named, now)).toBe(true)
    expect(isSession(sessionValue(named, now), { ...named, password: "another-0123456789" }, now)).toBe(false)

    await using gateway = await gatewayWith({ admin: { token }, providers: {} })
    const cookie = cookieOf(await signIn(gateway.url, { token }))
    const left = await fetch(`${gateway.url}/api/session/logout`, { method: "POST", headers: { ...json, cookie } })
    expect(left.status).toBe(204)
    expect(left.headers.get("set-cookie")).toMatch(/^gantry_session=; Path=\/; Max-Age=0; HttpOnly; SameSite=Strict$/)
    await gateway.write({ admin: { token: "another-token-0123456789" }, providers: {} })
    await gateway.gateway.reload()
    expect(await statusWith(gateway.url, cookie)).toBe(401)
  })

  test("opens inference too where that is shut", async () => {
    await using gateway = await gatewayWith({ admin: { token }, client: { enforce_auth_on_inference: true }, providers: {} })
    const cookie = cookieOf(await signIn(gateway.url, { token }))
    expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(401)
    expect((await fetch(`${gateway.url}/v1/models`, { headers: { cookie } })).status).toBe(200)
    expect((await fetch(`${gateway.url}/health`)).status).toBe(503)
  })
})

describe("what is shut", () => {
  test("tells the API's callers how to send the token, and browsers nothing that they would ask for themselves", async () => {
    await using gateway = await gatewayWith({ admin: { token }, providers: {} })
    const api = await fetch(`${gateway.url}/api/status`)
    expect(api.status).toBe(401)
    expect(api.headers.get("www-authenticate")).toBe('Bearer realm="Gantry"')
    expect(JSON.stringify(await api.json())).toContain("authorization: Bearer TOKEN")
    await using named = await gatewayWith({ auth_config: { is_enabled: true, ...login }, providers: {} })
    expect(await (await fetch(`${named.url}/api/status`)).text()).toContain("-u NAME:PASSWORD")
    const page = await fetch(`${gateway.url}/?call=x`)
    expect(page.status).toBe(401)
    expect(page.headers.get("www-authenticate")).toBe('Bearer realm="Gantry"')
    expect(await page.text()).toContain("Sign in")
    const entered = await fetch(`${gateway.url}/`, { headers: { authorization: `Basic ${btoa(`any:${token}`)}` } })
    expect(entered.status).toBe(200)
  })
})
