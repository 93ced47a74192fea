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
