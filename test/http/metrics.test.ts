import { expect, test } from "bun:test"
import { chat, gatewayWith, post } from "../dispatch/gateway.ts"

test("calls show in the metrics, by endpoint and by provider", async () => {
  await using gateway = await gatewayWith({ providers: { mock: {} } })
  await (await post(gateway, chat, chat.body("mock/echo"))).text()
  await (await post(gateway, chat, chat.body("mock/error-500"))).text()
  const text = await (await fetch(`${gateway.url}/metrics`)).text()
  expect(text).toMatch(/http_requests_total\{[^}]*path="\/v1\/chat\/completions"[^}]*status="200"[^}]*\} 1/)
  expect(text).toMatch(/http_requests_total\{[^}]*path="\/v1\/chat\/completions"[^}]*status="500"[^}]*\} 1/)
  expect(text).toMatch(/bifrost_success_requests_total\{[^}]*provider="mock"[^}]*\} 1/)
  expect(text).toMatch(/bifrost_error_requests_total\{[^}]*provider="mock"[^}]*\}/)
})

interface Counted {
  readonly path: string
  readonly method: string
  readonly status: string
  readonly count: number
}

async function counted(url: string, headers: Record<string, string> = {}): Promise<readonly Counted[]> {
  const text = await (await fetch(`${url}/metrics`, { headers })).text()
  return text.split("\n").flatMap((line) => {
    const [, labels = "", count] = /^http_requests_total\{(.*)\} (\d+)$/.exec(line) ?? []
    const label = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? ""
    return count === undefined
      ? []
      : [{ path: label("path"), method: label("method"), status: label("status"), count: Number(count) }]
  })
}

const row = (rows: readonly Counted[], path: string, status: number, method = "GET") =>
  rows.find((one) => one.path === path && one.status === String(status) && one.method === method)?.count ?? 0

test("whatever else is asked shows by its route, and what is no route under one name", async () => {
  await using gateway = await gatewayWith({ providers: { mock: {} } })
  const get = async (path: string, init: RequestInit = {}) => (await fetch(gateway.url + path, init)).text()
  for (const path of ["/health", "/health?x=1", "/health/", "/api/version", "/v1/models", "/anthropic/v1/models"]) await get(path)
  await get("/v1/models/mock/echo")
  for (const id of ["one", "two", "three"]) await get(`/api/logs/${id}`)
  for (let index = 0; index < 50; index++) await get(`/nowhere/${index}`)
  await get("/v1/chat/completions")
  await get("/v1/embeddings", { method: "POST", body: "{}" })
  await counted(gateway.url)
  const rows = await counted(gateway.url)
  expect(row(rows, "/health", 200)).toBe(3)
  expect(row(rows, "/api/version", 200)).toBe(1)
  expect([row(rows, "/v1/models", 200), row(rows, "/v1/models/*", 200), row(rows, "/anthropic/v1/models", 200)]).toEqual([
    1, 1, 1,
  ])
  expect(row(rows, "/api/logs/:id", 404)).toBe(3)
  expect([row(rows, "_other", 404), row(rows, "_other", 404, "POST")]).toEqual([50, 1])
  expect(row(rows, "/v1/chat/completions", 405)).toBe(1)
  expect(row(rows, "/metrics", 200)).toBe(1)
  const text = await (await fetch(`${gateway.url}/metrics`)).text()
  const sent = /http_response_size_bytes_sum\{[^}]*path="\/api\/version"[^}]*\} (\d+)/.exec(text)?.[1]
  expect(Number(sent)).toBe((await get("/api/version")).length)
})

test("a call is counted once whichever way it came, and so is one that is not let in", async () => {
  const token = "admin-token-0123456789"
  const client = { allowed_origins: ["https://app.example"], enforce_auth_on_inference: true }
  await using gateway = await gatewayWith({ admin: { token }, client, providers: { mock: {} } })
  const authorization = { authorization: `Bearer ${token}` }
  const origin = { origin: "https://app.example" }
  for (const stream of [undefined, true])
    for (const headers of [authorization, { ...authorization, ...origin }])
      expect(await (await post(gateway, chat, chat.body("mock/echo", { stream }), { headers })).text()).toContain("hello")
  for (const headers of [{}, origin]) await (await post(gateway, chat, chat.body("mock/echo"), { headers })).text()
  const slashed = { method: "POST", body: JSON.stringify(chat.body("mock/echo")), headers: authorization }
  expect(await (await fetch(`${gateway.url}${chat.path}/`, slashed)).text()).toContain("hello")
  const rows = await counted(gateway.url, authorization)
  expect(row(rows, chat.path, 200, "POST")).toBe(5)
  expect(row(rows, chat.path, 401, "POST")).toBe(2)
})

test("the page, its files and the live feed are counted", async () => {
  await using gateway = await gatewayWith({ providers: { mock: {} } })
  const page = await (await fetch(`${gateway.url}/`)).text()
  const script = /assets\/[\w.-]+\.js/.exec(page)?.[0] ?? ""
  expect((await (await fetch(`${gateway.url}/${script}`)).text()).length).toBeGreaterThan(1_000)
  await (await fetch(`${gateway.url}/assets/nothing.js`)).text()
  const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/ws`)
  await new Promise((resolve) => socket.addEventListener("open", resolve))
  socket.close()
  const rows = await counted(gateway.url)
  expect([row(rows, "/", 200), row(rows, "/assets/*", 200), row(rows, "/assets/*", 404), row(rows, "/ws", 101)]).toEqual([
    1, 1, 1, 1,
  ])
})
