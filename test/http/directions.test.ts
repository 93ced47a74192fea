import { describe, expect, test } from "bun:test"
import { readIntake } from "../../src/http/intake.ts"
import { chat, post } from "../dispatch/gateway.ts"
import { openLanes } from "./lanes.ts"

describe("what callers say about their calls", () => {
  test("in x-bf-dim-<name> or its older spelling, which gives way", () => {
    const said = { "x-bf-dim-team-name": "blue", "x-bf-prom-team-name": "red", "x-bf-prom-env": "test" }
    expect(readIntake(new Headers(said)).directions.dimensions).toEqual({ team_name: "blue", env: "test" })
  })

  test("is bounded in number and length", () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`x-bf-dim-d${index}`, "v".repeat(1_000)]))
    const { dimensions = {} } = readIntake(new Headers(many)).directions
    expect(Object.keys(dimensions)).toHaveLength(16)
    expect(dimensions.d0).toHaveLength(128)
  })

  test("about the log: nothing, keep or leave out", () => {
    const wish = (value?: string) =>
      readIntake(new Headers(value === undefined ? {} : { "x-bf-disable-content-logging": value })).directions.keepContent
    expect([wish(), wish("true"), wish("false")]).toEqual([undefined, false, true])
  })
})

test("x-bf-passthrough-extra-params sends what no format models, whatever the upstream's", async () => {
  await using lanes = await openLanes()
  const upstream = lanes.upstreams.get("anthropic-messages")
  const body = chat.body("anthropic-messages/m", {
    guided_depth: { exact: 12345678901234567890n.toString(), deep: [1] },
    temperature: 0.5,
  })
  const without = await post(lanes.gateway, chat, body)
  expect(without.headers.get("x-gantry-notices")).toContain("guided_depth")
  expect(upstream?.requests[0]?.json()).not.toHaveProperty("guided_depth")
  const passed = await post(lanes.gateway, chat, body, { headers: { "x-bf-passthrough-extra-params": "true" } })
  expect(passed.status).toBe(200)
  expect(passed.headers.get("x-gantry-notices") ?? "").not.toContain("guided_depth")
  expect(upstream?.requests[1]?.json()).toMatchObject({ guided_depth: { deep: [1] }, temperature: 0.5, model: "m" })
})

test("a caller is told of its own fields by its own names for them", async () => {
  await using lanes = await openLanes()
  const told = async (model: string) => {
    const body = chat.body(model, { presence_penalty: 0.5, prompt_cache_key: "k", n: 1, seed: 7 })
    const response = await post(lanes.gateway, chat, body)
    expect(response.status).toBe(200)
    return response.headers.get("x-gantry-notices") ?? ""
  }
  const toAnthropic = await told("anthropic-messages/m")
  for (const name of ["presence_penalty", "prompt_cache_key", "seed"]) expect(toAnthropic).toContain(`field-unsupported ${name}`)
  expect(toAnthropic).not.toMatch(/[a-z][A-Z]/)
  expect(await told("openai-responses/m")).toContain("field-unsupported presence_penalty")
})

test("the body's own fallbacks go to no vendor and are no loss, whatever lane the call takes", async () => {
  await using lanes = await openLanes()
  const fallbacks = ["openai-chat/other"]
  const ask = async (upstream: string, more: object, headers: Record<string, string> = {}) => {
    const response = await post(lanes.gateway, chat, chat.body(`${upstream}/m`, { ...more, fallbacks }), { headers })
    expect(response.status).toBe(200)
    expect(response.headers.get("x-gantry-notices") ?? "").not.toContain("fallbacks")
    return [response.headers.get("x-gantry-lane"), lanes.upstreams.get(upstream)?.requests.at(-1)?.json()] as const
  }
  const extra = { "x-bf-passthrough-extra-params": "true" }
  const sealed = { messages: [{ role: "user", content: "gantryseal1." }] }
  for (const [lane, sent] of [
    await ask("anthropic-messages", {}),
    await ask("anthropic-messages", { guided_depth: 1 }, extra),
    await ask("openai-chat", sealed),
  ]) {
    expect(lane).toBe("translate")
    expect(sent).not.toHaveProperty("fallbacks")
  }
})
