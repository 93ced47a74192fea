import { describe, expect, test } from "bun:test"
import { gatewayWith, messages, provider } from "../dispatch/gateway.ts"
import { closing } from "../support/closing.ts"
import type { Answer } from "../support/upstream/exchange.ts"
import { hang } from "../support/upstream/faults.ts"
import { json } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { refusedBy } from "./lanes.ts"

const openaiList = (...ids: readonly string[]): Answer =>
  json(200, { object: "list", data: ids.map((id) => ({ id, object: "model", created: 1_790_000_000, owned_by: "vendor" })) })

/** Anthropic's list, two models a page. */
const pagedList = (ids: readonly string[]): { on(request: { readonly path: string }): Answer } => ({
  on({ path }) {
    const after = new URL(path, "http://x").searchParams.get("after_id")
    const from = after === null ? 0 : ids.indexOf(after) + 1
    const page = ids.slice(from, from + 2)
    return json(200, {
      data: page.map((id) => ({ type: "model", id, display_name: `The ${id}`, created_at: "2026-06-01T00:00:00Z" })),
      has_more: from + 2 < ids.length,
      first_id: page[0],
      last_id: page.at(-1),
    })
  },
})

interface Listed {
  readonly data: readonly { readonly id: string }[]
}

async function world() {
  const first = await fakeUpstream({ script: openaiList("alpha", "org/beta") })
  const second = await fakeUpstream({ script: pagedList(["c1", "c2", "c3", "c4", "c5"]) })
  const broken = await fakeUpstream({ script: json(500, { error: "no" }) })
  const gateway = await gatewayWith({
    providers: {
      first: provider(first.url, {
        keys: [{ name: "k", value: "sk-first-0123456789", models: ["*"], aliases: { quick: "alpha" }, weight: 1 }],
      }),
      broken: provider(broken.url, { keys: [{ name: "k", value: "sk-0123456789abc", models: ["spelled-out"], weight: 1 }] }),
      second: provider(second.url, { base: "anthropic" }),
    },
  })
  return closing(
    {
      first,
      second,
      broken,
      gateway,
      get: (path: string, headers: Record<string, string> = {}) => fetch(gateway.url + path, { headers }),
    },
    gateway,
    first,
    second,
    broken,
  )
}

const everything = [
  "first/alpha",
  "first/org/beta",
  "first/quick",
  "broken/spelled-out",
  ...[1, 2, 3, 4, 5].map((number) => `second/c${number}`),
]

describe("/v1/models", () => {
  test("is the union of what providers list and keys spell out, all pages, one provider down", async () => {
    await using all = await world()
    for (const path of ["/v1/models", "/openai/v1/models", "/openai/models"]) {
      const response = await all.get(path)
      expect(response.status).toBe(200)
      const body = (await response.json()) as Listed
      expect(body).toMatchObject({ object: "list" })
      expect(body.data.map(({ id }) => id)).toEqual(everything)
      expect(body.data[0]).toMatchObject({ id: "first/alpha", object: "model", created: 1_790_000_000, owned_by: "vendor" })
    }
    expect(all.first.requests.length).toBe(1)
    expect(all.first.requests[0]?.headers.get("authorization")).toBe("Bearer sk-first-0123456789")
    expect(all.second.requests.length).toBe(3)
  })

  test("has Anthropic's shape for its clients, by header and by path", async () => {
    await using all = await world()
    for (const response of [
      await all.get("/v1/models", { "anthropic-version": "2023-06-01" }),
      await all.get("/anthropic/v1/models"),
      await all.get("/v1/models?limit=1000", { "anthropic-version": "2026-10-21" }),
    ]) {
      const body = (await response.json()) as Listed
      expect(body).toMatchObject({ has_more: false, first_id: "first/alpha", last_id: "second/c5" })
      expect(body.data.map(({ id }) => id)).toEqual(everything)
      expect(body.data.at(-1)).toEqual({
        type: "model",
        id: "second/c5",
        display_name: "The c5",
        created_at: "2026-06-01T00:00:00.000Z",
      } as never)
    }
  })

  test("of one provider", async () => {
    await using all = await world()
    const body = (await (await all.get("/v1/models?provider=second")).json()) as Listed
    expect(body.data.map(({ id }) => id)).toEqual(everything.slice(4))
    expect([all.first, all.broken].map(({ requests }) => requests.length)).toEqual([0, 0])
    expect(await (await all.get("/v1/models?provider=nobody")).json()).toEqual({ object: "list", data: [] })
  })

  test("has no model that no key takes calls for, and a bare name of one goes to whoever has it too", async () => {
    await using one = await fakeUpstream({ script: openaiList("shared", "mine", "not-mine", "blocked") })
    await using two = await fakeUpstream({ script: openaiList("shared", "not-mine") })
    const key = { value: "sk-0123456789abcdef", weight: 1 }
    const keys = [
      { ...key, name: "a", models: ["shared", "renamed"], aliases: { quick: "mine" } },
      { ...key, name: "b", models: ["mine", "blocked"], blacklisted_models: ["blocked"] },
    ]
    await using gateway = await gatewayWith({ providers: { one: provider(one.url, { keys }), two: provider(two.url) } })
    const { data } = (await (await fetch(`${gateway.url}/v1/models`)).json()) as Listed
    expect(data.map(({ id }) => id)).toEqual(["one/shared", "one/mine", "one/quick", "one/renamed", "two/shared", "two/not-mine"])
    const call = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", body: '{"model":"not-mine","messages":[]}' })
    expect(call.headers.get("x-gantry-provider")).toBe("two")
    const view = (await (await fetch(`${gateway.url}/api/status`)).json()) as { providers: { models: string[] }[] }
    expect(view.providers.map(({ models }) => models)).toEqual([
      ["shared", "mine"],
      ["shared", "not-mine"],
    ])
  })

  test("is read anew with another key or at another address, and what the old one listed is gone", async () => {
    await using one = await fakeUpstream({
      script: {
        on: ({ headers }) =>
          headers.get("authorization")?.endsWith("b") ? json(500, { error: "no" }) : openaiList("of-account-a"),
      },
    })
    await using two = await fakeUpstream({ script: openaiList("of-address-two") })
    const keys = (value: string) => ({ keys: [{ name: "k", value, weight: 1 }] })
    await using gateway = await gatewayWith({ providers: { only: provider(one.url, keys("sk-0123456789-a")) } })
    const listed = async () => ((await (await fetch(`${gateway.url}/v1/models`)).json()) as Listed).data.map(({ id }) => id)
    expect(await listed()).toEqual(["only/of-account-a"])
    await gateway.write({
      client: { drop_excess_requests: true },
      providers: { only: provider(one.url, keys("sk-0123456789-a")) },
    })
    await gateway.gateway.reload()
    expect(await listed()).toEqual(["only/of-account-a"])
    expect(one.requests.length).toBe(1)
    await gateway.write({ providers: { only: provider(one.url, keys("sk-0123456789-b")) } })
    await gateway.gateway.reload()
    expect(gateway.gateway.registry.listed("only")).toEqual([])
    expect(await listed()).toEqual([])
    expect(one.requests.length).toBe(2)
    await gateway.write({ providers: { only: provider(two.url, keys("sk-0123456789-b")) } })
    await gateway.gateway.reload()
    expect(await listed()).toEqual(["only/of-address-two"])
  })

  test("is not read beyond 8 MiB, and the status says so", async () => {
    const huge = openaiList(...Array.from({ length: 9 }, (_, index) => `${index}-${"x".repeat(1024 * 1024)}`))
    await using large = await fakeUpstream({ script: huge })
    await using gateway = await gatewayWith({ providers: { large: provider(large.url) } })
    expect(await (await fetch(`${gateway.url}/v1/models`)).json()).toEqual({ object: "list", data: [] })
    const status = (await (await fetch(`${gateway.url}/api/status`)).json()) as { readonly providers: readonly object[] }
    expect(status.providers).toMatchObject([{ modelsError: "the model list is larger than 8 MiB and was not read" }])
  })

  test("one model, by either name, with its slashes escaped or not", async () => {
    await using all = await world()
    for (const name of ["first/org/beta", "first%2Forg%2Fbeta", "org/beta"])
      expect(await (await all.get(`/v1/models/${name}`)).json()).toMatchObject({ id: "first/org/beta", object: "model" })
    const missing = await all.get("/v1/models/nobody")
    expect(missing.status).toBe(404)
    expect(await missing.json()).toMatchObject({ error: { code: "model_not_found", param: "model" } })
    const anthropic = await all.get("/anthropic/v1/models/nobody")
    expect(await refusedBy(messages, anthropic)).toMatchObject({ status: 404 })
  })

  test("does not wait for a provider for ever", async () => {
    await using slow = await fakeUpstream({ script: hang() })
    await using quick = await fakeUpstream({ script: openaiList("here") })
    await using gateway = await gatewayWith({ providers: { slow: provider(slow.url), quick: provider(quick.url) } })
    const body = (await (await fetch(`${gateway.url}/v1/models`)).json()) as Listed
    expect(body.data.map(({ id }) => id)).toEqual(["quick/here"])
  }, 15_000)

  test("is empty where a provider lists nonsense", async () => {
    for (const nonsense of [json(200, []), json(200, { data: "x" }), json(200, { data: [1, null, { id: 5 }] })]) {
      await using odd = await fakeUpstream({ script: nonsense })
      await using gateway = await gatewayWith({ providers: { odd: provider(odd.url) } })
      expect(await (await fetch(`${gateway.url}/v1/models`)).json()).toEqual({ object: "list", data: [] })
    }
  })
})

describe("/health", () => {
  test("is ok while calls can be served, and says on which configuration", async () => {
    await using all = await world()
    const response = await all.get("/health")
    expect(response.status).toBe(200)
    const body = await response.json()
    expect(body).toMatchObject({ status: "ok", config: { source: "file", problems: 0 } })
    expect(body).toHaveProperty("log", { state: "off" })
  })

  test("is 503 where nothing can be served", async () => {
    await using gateway = await gatewayWith({ providers: { off: { ...provider("http://127.0.0.1:1"), enabled: false } } })
    const response = await fetch(`${gateway.url}/health`)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ status: "unable" })
  })
})
