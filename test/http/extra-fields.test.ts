import { expect, test } from "bun:test"
import { requestTypeOf } from "../../src/dialects/endpoints.ts"
import { chat, clients, gatewayWith, messages, post, responses } from "../dispatch/gateway.ts"

test("extra_fields tells the type of request, the provider and both names of the model", async () => {
  await using gateway = await gatewayWith({ providers: { mock: {} } })
  const types: Record<string, string> = {}
  for (const client of clients) {
    const response = await post(gateway, client, client.body("mock/echo"), { headers: { "x-bf-extra-fields": "true" } })
    const { extra_fields: extra } = (await response.json()) as { readonly extra_fields: Record<string, string> }
    expect(extra).toMatchObject({ provider: "mock", original_model_requested: "mock/echo", resolved_model_used: "echo" })
    types[client.id] = extra.request_type ?? ""
  }
  expect(types).toEqual({ [chat.id]: "chat_completion", [responses.id]: "responses", [messages.id]: "responses" })
})

test("a streamed request has a type of its own", () => {
  expect(clients.map(({ id }) => requestTypeOf(id, true))).toEqual([
    "chat_completion_stream",
    "responses_stream",
    "responses_stream",
  ])
})
