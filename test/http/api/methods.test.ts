import { expect, test } from "bun:test"
import { Elysia } from "elysia"
import { liveRoutes } from "../../../src/http/api/live.ts"
import { logRoutes } from "../../../src/http/api/logs.ts"
import { sessionRoutes } from "../../../src/http/api/session.ts"
import { statusRoutes } from "../../../src/http/api/status.ts"
import { gate } from "../../../src/http/gate.ts"
import { offLogStore } from "../../../src/store/off.ts"

const doors = () => ({ loopback: true, allowedHosts: [], allowedOrigins: [], guardInference: false })
const app = new Elysia()
  .use(logRoutes({ store: offLogStore }))
  .use(liveRoutes({ publish() {}, subscribe: () => () => {} }, doors))
  .use(sessionRoutes({ doors, gate: gate({ rules: doors, address: () => "127.0.0.1" }) }))
  .use(
    statusRoutes({
      version: "1",
      status: () => Promise.reject(new Error("nobody asked")),
      reload: async () => ({ kind: "unchanged" }),
    }),
  )

test.each([
  ["/api/logs", "GET"],
  ["/api/logs/dropped", "GET"],
  ["/api/logs/some-call", "GET"],
  ["/api/status", "GET"],
  ["/api/version", "GET"],
  ["/api/session/is-auth-enabled", "GET"],
  ["/ws", "GET"],
  ["/api/config/reload", "POST"],
  ["/api/session/login", "POST"],
  ["/api/session/logout", "POST"],
])("%s takes %s and says so of others", async (path, taken) => {
  const others = ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((method) => method !== taken)
  for (const method of others) {
    const body = method === "GET" ? {} : { body: "{no JSON", headers: { "content-type": "application/json" } }
    const response = await app.handle(new Request(`http://localhost${path}`, { method, ...body }))
    expect(response.status).toBe(405)
    expect(response.headers.get("allow")).toBe(taken === "GET" ? "GET, HEAD" : "POST")
    expect(await response.json()).toEqual({
      error: { type: "method-not-allowed", message: `${path} takes ${taken}, not ${method}` },
    })
  }
})

test("what is read can be asked for its headers alone", async () => {
  const response = await app.handle(new Request("http://localhost/api/version", { method: "HEAD" }))
  expect(response.status).toBe(200)
  expect(await response.text()).toBe("")
})
