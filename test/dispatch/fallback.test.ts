import { describe, expect, test } from "bun:test"
import { failing, reply } from "../support/answers/turn.ts"
import { closing } from "../support/closing.ts"
import type { Answer } from "../support/upstream/exchange.ts"
import { hang, stall } from "../support/upstream/faults.ts"
import { fakeUpstream, type Upstream } from "../support/upstream.ts"
import { chat, clients, gatewayWith, post, provider, responses, type TestGateway } from "./gateway.ts"

const down: Answer = failing(chat.voice, "server error")

interface Row {
  readonly gateway: TestGateway
  readonly upstreams: readonly Upstream[]
  /** The order in which providers were asked: `a/model b/model …`. */
  asked(): string
  ask(body: object, headers?: Record<string, string>): Promise<Response>
}

const responsesOnly = {
  more: { custom_provider_config: { base_provider_type: "openai", allowed_requests: { responses: true } } },
}

const names = ["a", "b", "c", "d", "e", "f", "g"] as const

/** Providers `a` to `g`; those named in `bad` fail that way, the others answer. */
async function row(
  bad: Readonly<Record<string, Answer>>,
  options: { readonly rest?: object; readonly more?: Readonly<Record<string, object>>; readonly network?: object } = {},
): Promise<Row & AsyncDisposable> {
  const order: string[] = []
  const upstreams = await Promise.all(
    names.map((name) =>
      fakeUpstream({
        script: {
          on(request) {
            order.push(`${name}/${request.json().model}`)
            const wire = clients.find(({ path }) => request.path === path) ?? chat
            return bad[name] ?? reply(wire.voice, request.json(), { text: `from ${name}` })
          },
        },
      }),
    ),
  )
  const providers = Object.fromEntries(
    names.map((name, index) => {
      const url = upstreams[index]?.url ?? ""
      const more = options.more?.[name]
      return [name, provider(url, { ...(options.network && { network: options.network }), ...(more && { more }) })]
    }),
  )
  const gateway = await gatewayWith({ providers, ...options.rest })
  return closing<Row>(
    {
      gateway,
      upstreams,
      asked: () => order.join(" "),
      ask: (body, headers = {}) => post(gateway, chat, chat.body("a/m", body), { headers }),
    },
    gateway,
    ...upstreams,
  )
}

describe("who names the fallbacks", () => {
  const configured = { more: { a: { fallbacks: ["d/of-the-provider"] } }, rest: { routing: { fallbacks: ["e/of-all"] } } }

  test("the header before the body, the body before the provider, the provider before the file", async () => {
    await using providers = await row({ a: down }, configured)
    const body = { fallbacks: ["c/of-the-body"] }
    await providers.ask(body, { "x-gantry-fallbacks": "b/of-the-header" })
    await providers.ask(body, { "x-bf-fallbacks": '["b/of-the-header"]' })
    await providers.ask(body)
    await providers.ask({})
    expect(providers.asked()).toBe("a/m b/of-the-header a/m b/of-the-header a/m c/of-the-body a/m d/of-the-provider")
  })

  test("the file, where nobody else does", async () => {
    await using providers = await row({ a: down }, { rest: configured.rest })
    await providers.ask({})
    expect(providers.asked()).toBe("a/m e/of-all")
  })

  test("an empty list is an answer: none", async () => {
    await using providers = await row({ a: down }, configured)
    expect((await providers.ask({}, { "x-gantry-fallbacks": "" })).status).toBe(500)
    expect((await providers.ask({ fallbacks: [] })).status).toBe(500)
    expect(providers.asked()).toBe("a/m a/m")
    expect(providers.upstreams[0]?.requests[1]?.json()).not.toHaveProperty("fallbacks")
  })

  test("a header that names none is 400 and says which entry", async () => {
    await using providers = await row({})
    const response = await providers.ask({}, { "x-gantry-fallbacks": "b/x, /nonsense" })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain("nonsense")
  })

  test("by the header also in a format that has a field of that name", async () => {
    await using providers = await row({ a: down })
    for (const wire of clients) {
      const response = await post(providers.gateway, wire, wire.body("a/m", { fallbacks: [{ model: "vendor's own" }] }), {
        headers: { "x-gantry-fallbacks": "b/m2" },
      })
      expect(await response.text()).toContain("from b")
    }
  })
})

describe("where it goes on", () => {
  test("in the order given, the model kept where none is named", async () => {
    await using providers = await row({ a: down, b: down, c: down })
    const response = await providers.ask({ fallbacks: ["b/", { provider: "c", model: "x/y" }, "d/z"] })
    expect(await response.text()).toContain("from d")
    expect(providers.asked()).toBe("a/m b/m c/x/y d/z")
    expect(response.headers.get("x-gantry-attempts")).toBe("4")
  })

  test("a provider alone keeps the model too, in the header, the body and the file", async () => {
    for (const entry of ["b", "B", " b ", "b/"]) {
      await using providers = await row({ a: down }, { rest: { routing: { fallbacks: ["b"] } } })
      for (const response of [
        await providers.ask({ fallbacks: ["c/"] }, { "x-gantry-fallbacks": entry }),
        await providers.ask({}, { "x-bf-fallbacks": JSON.stringify([entry]) }),
        await providers.ask({ fallbacks: [entry] }),
        await providers.ask({}),
      ])
        expect(await response.text()).toContain("from b")
      expect(providers.asked()).toBe("a/m b/m a/m b/m a/m b/m a/m b/m")
    }
  })

  test("past targets that are named twice, or whose provider nobody knows", async () => {
    await using providers = await row({ a: down, b: down })
    await providers.ask({ fallbacks: ["a/m", "nobody/m", "b/m", "b/m", "c/m"] })
    expect(providers.asked()).toBe("a/m b/m c/m")
  })

  test("all failed: the first one's error is the answer", async () => {
    await using providers = await row({ a: failing(chat.voice, "unavailable"), b: failing(chat.voice, "rate limited"), c: down })
    const response = await providers.ask({ fallbacks: ["b/m", "c/m"] })
    expect(response.status).toBe(503)
    expect(response.headers.get("x-should-retry")).toBe("false")
    expect(await response.text()).toContain("overloaded")
  })

  test("an error of the caller's own stops it, at whichever target", async () => {
    await using providers = await row({ a: down, b: failing(chat.voice, "bad request") })
    const response = await providers.ask({ fallbacks: ["b/m", "c/m"] })
    expect(response.status).toBe(400)
    expect(providers.asked()).toBe("a/m b/m")
  })

  test("past a target that cannot be told what the call says", async () => {
    await using first = await fakeUpstream({ script: failing(responses.voice, "server error") })
    await using unfit = await fakeUpstream()
    await using last = await fakeUpstream({
      script: { on: (request) => reply(responses.voice, request.json(), { text: "fine" }) },
    })
    await using gateway = await gatewayWith({
      providers: {
        first: provider(first.url, responsesOnly),
        unfit: provider(unfit.url, { base: "anthropic" }),
        last: provider(last.url, responsesOnly),
      },
    })
    const body = { previous_response_id: "resp_1", fallbacks: ["unfit/m", "last/m"] }
    const answered = await post(gateway, responses, responses.body("first/m", body))
    expect(answered.status).toBe(200)
    const failed = await post(gateway, responses, responses.body("first/m", { ...body, fallbacks: ["unfit/m"] }))
    expect(failed.status).toBe(500)
    const refused = await post(gateway, responses, responses.body("unfit/m", body))
    expect(refused.status).toBe(400)
    expect(unfit.requests.length).toBe(0)
    expect(last.requests.length).toBe(1)
  })

  test("a key asked for by name is looked for at each, and none other is used", async () => {
    const named = (name: string) => ({ keys: [{ name, value: "sk-0123456789abcdef", models: ["*"], weight: 1 }] })
    await using providers = await row({ a: down }, { more: { a: named("mine"), b: named("other"), c: named("mine") } })
    const response = await providers.ask({ fallbacks: ["b/m", "c/m"] }, { "x-bf-api-key": "mine" })
    expect(response.status).toBe(200)
    expect(providers.asked()).toBe("a/m c/m")
  })

  test("a caller's own key goes to the vendor that was asked for and to no other", async () => {
    await using providers = await row({ a: down }, { rest: { client: { allow_direct_keys: true } } })
    const headers = { "x-bf-direct-key": "true", authorization: "Bearer sk-callers-own" }
    await providers.ask({ fallbacks: ["b/m"] }, headers)
    expect(providers.upstreams[0]?.requests[0]?.headers.get("authorization")).toBe("Bearer sk-callers-own")
    expect(providers.upstreams[1]?.requests[0]?.headers.get("authorization")).toBe("Bearer sk-test-0123456789abcdef")
  })
})

describe("how far it goes", () => {
  const allDown = Object.fromEntries(names.map((name) => [name, down]))
  const fallbacks = ["b/m", "c/m", "d/m", "e/m", "f/m", "g/m"]

  test("five targets", async () => {
    await using providers = await row(allDown)
    await (await providers.ask({ fallbacks })).text()
    expect(providers.asked()).toBe("a/m b/m c/m d/m e/m")
  })

  test("as many targets and tries as the file says", async () => {
    await using two = await row(allDown, { rest: { routing: { max_targets: 2 } } })
    await (await two.ask({ fallbacks })).text()
    expect(two.asked()).toBe("a/m b/m")
    await using three = await row(allDown, { rest: { routing: { max_tries: 3 } }, network: { max_retries: 1 } })
    await (await three.ask({ fallbacks })).text()
    expect(three.asked()).toBe("a/m a/m b/m")
  })

  test("eight tries, retries included", async () => {
    await using providers = await row(allDown, { network: { max_retries: 2 } })
    await (await providers.ask({ fallbacks })).text()
    expect(providers.asked()).toBe("a/m a/m a/m b/m b/m b/m c/m c/m")
  })

  test("retries come before the next target, and an answer ends them", async () => {
    let times = 0
    const flaky: Answer = (writer, request) => {
      times += 1
      return (times < 3 ? down : reply(chat.voice, request.json(), { text: "at last" }))(writer, request)
    }
    await using providers = await row({ a: flaky }, { network: { max_retries: 2 } })
    expect(await (await providers.ask({ fallbacks })).text()).toContain("at last")
    expect(providers.asked()).toBe("a/m a/m a/m")
  })

  test("no longer than the whole call may take", async () => {
    for (const stream of [false, true]) {
      await using providers = await row(
        { a: hang(), b: hang(), c: stall() },
        {
          rest: { routing: { total_timeout_in_seconds: 1 } },
          network: { max_retries: 5 },
        },
      )
      const began = performance.now()
      const response = await providers.ask({ fallbacks, stream })
      expect(response.status).toBe(504)
      await response.text()
      expect(performance.now() - began).toBeLessThan(3_000)
      expect(providers.asked()).toBe("a/m")
    }
  })
})
