import { expect, test } from "bun:test"
import { failing, reply } from "../support/answers/turn.ts"
import { closing } from "../support/closing.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { gatewayWith, post, provider, responses } from "./gateway.ts"
import { poolOf } from "./pool.ts"

/** Two vendors that speak Responses; a bare name goes to the first of them. */
async function twoVendors() {
  const first = await fakeUpstream({ script: { on: (request) => reply(responses.voice, request.json(), { text: "first" }) } })
  const second = await fakeUpstream({ script: { on: (request) => reply(responses.voice, request.json(), { text: "second" }) } })
  const listed = { keys: [{ name: "k", value: "sk-test-0123456789", models: ["m"], weight: 1 }] }
  const gateway = await gatewayWith({
    providers: {
      first: { ...provider(first.url, { more: {} }), ...listed },
      second: { ...provider(second.url, { more: {} }), ...listed },
    },
  })
  const ask = async (model: string, body: object = {}) => {
    const response = await post(gateway, responses, responses.body(model, body))
    const answer = (await response.json()) as { readonly id: string }
    return { provider: response.headers.get("x-gantry-provider"), route: response.headers.get("x-gantry-route"), id: answer.id }
  }
  return closing(
    {
      first,
      second,
      ask,
    },
    gateway,
    first,
    second,
  )
}

test("a body that leans on an answer goes to who gave it", async () => {
  await using both = await twoVendors()
  expect((await both.ask("m")).provider).toBe("first")
  const made = await both.ask("second/m")
  expect(made.provider).toBe("second")
  const next = await both.ask("m", { previous_response_id: made.id })
  expect(next).toMatchObject({ provider: "second", route: "the body leans on what second keeps" })
})

test("a provider that the caller names is asked all the same", async () => {
  await using both = await twoVendors()
  const made = await both.ask("second/m")
  expect((await both.ask("first/m", { previous_response_id: made.id })).provider).toBe("first")
})

test("no fallback goes to those who do not keep it", async () => {
  await using both = await twoVendors()
  const made = await both.ask("second/m")
  both.second.on(() => failing(responses.voice, "overloaded"))
  const asked = both.first.requests.length
  await both.ask("m", { previous_response_id: made.id, fallbacks: ["first/m"] })
  expect(both.first.requests.length).toBe(asked)
})

test("of several keys, the one that made it answers", async () => {
  await using pool = await poolOf({ keys: { a: {}, b: {}, c: {}, d: {} }, wire: responses })
  const first = await pool.ask()
  const { id } = (await first.json()) as { readonly id: string }
  const maker = pool.used().at(-1)
  for (let turn = 0; turn < 8; turn++) expect(await pool.keyFor({ previous_response_id: id })).toBe(maker)
})
