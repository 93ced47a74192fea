import { afterAll, beforeAll, expect, test } from "bun:test"
import { clients, gatewayWith, post, type TestGateway } from "../dispatch/gateway.ts"

let gateway: TestGateway
beforeAll(async () => {
  gateway = await gatewayWith({ providers: { mock: { network_config: { max_retries: 0 } } } })
})
afterAll(() => gateway[Symbol.asyncDispose]())

for (const client of clients) {
  test(`${client.id}: errors of the mock have the status that was asked for, streamed or not`, async () => {
    for (const status of [400, 418, 429, 451, 500, 529, 599])
      for (const stream of [false, true]) {
        const response = await post(gateway, client, client.body(`mock/error-${status}`, stream ? { stream } : {}))
        expect(client.errorMessage(await response.json())).toContain(`mock error ${status}`)
        expect(response.status).toBe(status)
      }
  })

  test(`${client.id}: what is no status of an error is no model of the mock's`, async () => {
    for (const name of [
      "error-000",
      "error-100",
      "error-101",
      "error-200",
      "error-204",
      "error-304",
      "error-600",
      "error-999",
      "error-x",
    ]) {
      const response = await post(gateway, client, client.body(`mock/${name}`))
      expect([name, response.status]).toEqual([name, 404])
      expect(client.errorMessage(await response.json())).toContain("error-400 to error-599")
    }
  })
}
