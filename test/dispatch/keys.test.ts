import { describe, expect, test } from "bun:test"
import { chat, messages, responses } from "./gateway.ts"
import { poolOf, refusing } from "./pool.ts"

/** As good as certain to be asked first. */
const first = { weight: 1e9 }
const second = { weight: 1e-3 }

describe("rotation", () => {
  for (const wire of [chat, responses, messages]) {
    test(`${wire.id}: a refused key is left and not asked again`, async () => {
      await using pool = await poolOf({
        keys: { a: first, b: second },
        answers: (key) => (key === "a" ? "unauthorized" : undefined),
        wire,
        ...(wire.id === "anthropic-messages" && { more: { custom_provider_config: { base_provider_type: "anthropic" } } }),
      })
      const response = await pool.ask()
      expect(response.status).toBe(200)
      expect(response.headers.get("x-gantry-attempts")).toBe("2")
      expect(response.headers.get("x-gantry-key-name")).toBe("b")
      for (let turn = 0; turn < 5; turn++) expect(await pool.keyFor()).toBe("b")
      expect(pool.used()).toEqual(["a", "b", "b", "b", "b", "b", "b"])
    })
  }

  test("a rate-limited key is left for as long as the vendor says", async () => {
    let limited = true
    await using pool = await poolOf({
      keys: { a: first, b: second },
      answers: (key) => (key === "a" && limited ? refusing("rate limited", 1) : undefined),
    })
    const began = performance.now()
    expect(await pool.keyFor()).toBe("b")
    limited = false
    const served = new Set<string | undefined>()
    while (!served.has("a")) {
      served.add(await pool.keyFor())
      await Bun.sleep(20)
    }
    expect(performance.now() - began).toBeGreaterThan(950)
  })

  test("does not use up retries, but tries are counted", async () => {
    const keys = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`k${index}`, {}]))
    await using pool = await poolOf({ keys, answers: () => "unauthorized", network: { max_retries: 0 } })
    const response = await pool.ask()
    expect(response.status).toBe(502)
    expect(pool.used().length).toBe(8)
    expect(new Set(pool.used()).size).toBe(8)
  })

  test("three keys, two refused, no retries allowed: the third answers", async () => {
    await using pool = await poolOf({
      keys: { a: first, b: { weight: 1 }, c: { weight: 1e-9 } },
      answers: (key) => (key === "c" ? undefined : key === "a" ? "payment required" : "quota exhausted"),
      network: { max_retries: 0 },
    })
    expect(await pool.keyFor()).toBe("c")
    expect(pool.used()).toEqual(["a", "b", "c"])
  })

  test("all keys dead: 502 with its code, and then no vendor is troubled", async () => {
    await using pool = await poolOf({ keys: { a: {}, b: {} }, answers: () => "unauthorized" })
    for (let turn = 0; turn < 3; turn++) {
      const response = await pool.ask()
      expect(response.status).toBe(502)
      expect(await response.json()).toMatchObject({ error: { code: "upstream_credentials_exhausted" } })
    }
    expect(pool.used().length).toBe(2)
  })

  test("all keys limited: 429 with the earliest time, and then no vendor is troubled", async () => {
    await using pool = await poolOf({
      keys: { a: {}, b: {} },
      answers: (key) => refusing("rate limited", key === "a" ? 30 : 70),
    })
    for (let turn = 0; turn < 2; turn++) {
      const response = await pool.ask()
      expect(response.status).toBe(429)
      expect(Number(response.headers.get("retry-after"))).toBeWithin(28, 31)
      await response.text()
    }
    expect(pool.used().length).toBe(2)
  })

  test("the sole key, limited for a moment: the call waits instead of failing", async () => {
    let times = 0
    await using pool = await poolOf({
      keys: { a: {} },
      answers: () => {
        times += 1
        return times === 1 ? refusing("rate limited", 1) : undefined
      },
    })
    expect(await pool.keyFor()).toBe("a")
    expect(pool.used()).toEqual(["a", "a"])
  })

  test("the sole key, limited but to be asked again at once: it is, and a second refusal is 429", async () => {
    await using pool = await poolOf({ keys: { a: {} }, answers: () => refusing("rate limited", 0) })
    const response = await pool.ask()
    expect(response.status).toBe(429)
    expect(response.headers.get("retry-after")).toBe("1")
    expect(pool.used()).toEqual(["a", "a"])
  })

  test("a model that one key lacks is asked of another, and the key serves the rest", async () => {
    await using pool = await poolOf({
      keys: { a: first, b: second },
      answers: (key, request) => (key === "a" && request.json().model === "rare" ? "model not found" : undefined),
    })
    expect(await pool.keyFor({ model: "pool/rare" })).toBe("b")
    expect(await pool.keyFor({ model: "pool/usual" })).toBe("a")
    expect(await pool.keyFor({ model: "pool/rare" })).toBe("b")
  })

  test("a key without access to one model keeps the others", async () => {
    await using pool = await poolOf({
      keys: { a: first, b: second },
      answers: (key, request) => (key === "a" && request.json().model === "secret" ? "forbidden" : undefined),
    })
    expect(await pool.keyFor({ model: "pool/secret" })).toBe("b")
    expect(await pool.keyFor({ model: "pool/usual" })).toBe("a")
    expect(await pool.keyFor({ model: "pool/secret" })).toBe("b")
    expect(pool.used()).toEqual(["a", "b", "a", "b"])
  })

  test("an error of the caller's own is no reason to go on", async () => {
    await using pool = await poolOf({ keys: { a: {}, b: {} }, answers: () => "bad request" })
    expect((await pool.ask()).status).toBe(400)
    expect(pool.used().length).toBe(1)
  })
})

describe("which keys", () => {
  test("weights share the calls; none goes to a key of weight 0 or one that is off", async () => {
    await using pool = await poolOf({
      keys: { a: { weight: 3 }, b: { weight: 1 }, zero: { weight: 0 }, off: { enabled: false } },
    })
    await pool.askOften(400)
    const count = (name: string) => pool.used().filter((used) => used === name).length
    // 300 expected; five standard deviations are 43
    expect(count("a")).toBeWithin(250, 350)
    expect(count("a") + count("b")).toBe(400)
  })

  test("by name and by id, also one of weight 0, and never another", async () => {
    await using pool = await poolOf({ keys: { a: first, zero: { id: "id-of-zero", weight: 0 } } })
    for (const headers of [
      { "x-bf-api-key": "zero" },
      { "x-bf-api-key-id": "id-of-zero" },
      { "x-gantry-api-key": "zero" },
      { "x-gantry-api-key-id": "id-of-zero" },
      { "x-bf-api-key-id": "id-of-zero", "x-bf-api-key": "a" },
    ])
      expect(await pool.keyFor({}, headers)).toBe("zero")
    for (const headers of [{ "x-bf-api-key": "nobody" }, { "x-bf-api-key-id": "zero" }]) {
      const response = await pool.ask({}, headers)
      expect(response.status).toBe(400)
      expect(await response.text()).toContain("no key found")
    }
  })

  test("a key asked for by name serves no model that it may not serve", async () => {
    await using pool = await poolOf({ keys: { small: { models: ["*"], blacklisted_models: ["large"] }, all: {} } })
    expect(await pool.keyFor({ model: "pool/other" }, { "x-bf-api-key": "small" })).toBe("small")
    const refused = await pool.ask({ model: "pool/large" }, { "x-bf-api-key": "small" })
    expect(refused.status).toBe(404)
    expect(await refused.json()).toMatchObject({ error: { param: "model", message: expect.stringContaining("small") } })
    expect(pool.used()).toEqual(["small"])
  })

  test("models and blacklisted_models decide, in any case of letters and by pattern", async () => {
    await using pool = await poolOf({
      keys: {
        one: { models: ["Model-One"] },
        two: { models: ["regex:model-(two|zwei)"] },
        rest: { models: ["*"], blacklisted_models: ["model-one", "regex:model-(two|zwei|drei)"] },
        nothing: { models: ["*"], blacklisted_models: ["*"] },
      },
    })
    const table = { "model-one": "one", "MODEL-ONE": "one", "model-two": "two", "model-zwei": "two", "model-vier": "rest" }
    for (let turn = 0; turn < 4; turn++)
      for (const [model, key] of Object.entries(table)) expect(await pool.keyFor({ model: `pool/${model}` })).toBe(key)
    const response = await pool.ask({ model: "pool/model-drei" })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { param: "model", message: expect.stringContaining("model-drei") } })
  })

  test("an empty list means all in version 1 and none in version 2", async () => {
    for (const version of [1, 2]) {
      await using pool = await poolOf({ keys: { a: { models: [], blacklisted_models: [] } }, rest: { version } })
      expect((await pool.ask()).status).toBe(version === 1 ? 200 : 404)
    }
  })

  test("an alias is the vendor's name for a model on that key", async () => {
    await using pool = await poolOf({
      keys: {
        a: { models: ["nothing-else"], aliases: { fast: "vendor-model-9", slow: { model_id: "vendor/model:1" } } },
        b: { models: ["other"] },
      },
    })
    for (const [model, sent] of [
      ["pool/fast", "vendor-model-9"],
      ["fast", "vendor-model-9"],
      ["pool/slow", "vendor/model:1"],
    ]) {
      const response = await pool.ask({ model })
      expect(response.status).toBe(200)
      expect(response.headers.get("x-gantry-model")).toBe(sent ?? "")
      expect(pool.upstream.requests.at(-1)?.json().model).toBe(sent)
      expect(pool.used().at(-1)).toBe("a")
    }
  })

  test("a name that a key spells out needs no prefix, and its body no edit", async () => {
    await using pool = await poolOf({ keys: { a: { models: ["spelled-out"] } } })
    const body = '{ "model" : "spelled-out" , "messages":[ ] }'
    await fetch(`${pool.gateway.url}/v1/chat/completions`, { method: "POST", body })
    expect(pool.upstream.requests[0]?.text()).toBe(body)
  })
})

describe("a caller's own key", () => {
  const headers = { "x-bf-direct-key": "true", authorization: "Bearer sk-callers-own" }

  test("is used where the file allows it, and is the caller's own affair when it is refused", async () => {
    await using pool = await poolOf({
      keys: { a: {} },
      rest: { client: { allow_direct_keys: true } },
      answers: (key) => (key === "sk-wrong" ? "unauthorized" : undefined),
    })
    expect(await pool.keyFor({}, headers)).toBe("sk-callers-own")
    const wrong = await pool.ask({}, { ...headers, authorization: "Bearer sk-wrong" })
    expect(wrong.status).toBe(401)
    expect(await pool.keyFor({}, headers)).toBe("sk-callers-own")
    expect(await pool.keyFor({}, { authorization: "Bearer sk-callers-own" })).toBe("a")
    expect(await pool.keyFor({}, { "x-bf-direct-key": "true", "x-api-key": "sk-other" })).toBe("sk-other")
  })

  test("is ignored where it does not", async () => {
    await using pool = await poolOf({ keys: { a: {} } })
    expect(await pool.keyFor({}, headers)).toBe("a")
  })
})
