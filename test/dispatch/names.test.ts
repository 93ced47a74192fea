import { describe, expect, test } from "bun:test"
import { reply } from "../support/answers/turn.ts"
import { closing } from "../support/closing.ts"
import { bytes } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { chat, clients, gatewayWith, messages, post, provider } from "./gateway.ts"

/** A vendor that answers in whichever format it is asked and lists one model. */
const vendor = (listed: string) =>
  fakeUpstream({
    script: {
      on(request) {
        if (request.method === "GET") return bytes(JSON.stringify({ object: "list", data: [{ id: listed, object: "model" }] }))
        const wire = clients.find(({ path }) => request.path.startsWith(path)) ?? chat
        return reply(wire.voice, request.json(), { text: "fine" })
      },
    },
  })

const builtin = (url: string, models: readonly string[] = ["*"]) => ({
  keys: [{ name: "k", value: "sk-0123456789abcdef", models, weight: 1 }],
  network_config: { base_url: url },
})

async function world() {
  const [first, second, third] = await Promise.all([
    vendor("first-lists-this"),
    vendor("second-lists-this"),
    vendor("third-lists-this"),
  ])
  const gateway = await gatewayWith({
    providers: {
      own: provider(third.url, {
        keys: [{ name: "k", value: "sk-0123456789abcdef", models: ["spelled-by-own", "tied"], weight: 1 }],
      }),
      openai: builtin(first.url, ["*"]),
      anthropic: builtin(second.url, ["*"]),
      other: provider(third.url, { keys: [{ name: "k", value: "sk-0123456789abcdef", models: ["tied"], weight: 1 }] }),
    },
  })
  const ask = (path: string, model: string) =>
    fetch(gateway.url + path, {
      method: "POST",
      body: JSON.stringify({ model, max_tokens: 9, messages: [{ role: "user", content: "x" }] }),
    })
  const providerOf = async (path: string, model: string) => {
    const response = await ask(path, model)
    await response.text()
    return response.headers.get("x-gantry-provider")
  }
  return closing(
    {
      gateway,
      ask,
      providerOf,
    },
    gateway,
    first,
    second,
    third,
  )
}

test("a provider is named in any case of letters, as in the file", async () => {
  await using upstream = await vendor("m")
  await using gateway = await gatewayWith({ providers: { MyOwn: provider(upstream.url), Spare: provider(upstream.url) } })
  for (const name of ["MyOwn/m", "myown/m", "MYOWN/m"]) {
    const response = await post(gateway, chat, chat.body(name, { fallbacks: ["Spare/m"] }))
    expect(response.status).toBe(200)
    expect(response.headers.get("x-gantry-provider")).toBe("myown")
    await response.text()
  }
  expect(upstream.requests.map((request) => request.json().model)).toEqual(["m", "m", "m"])
})

describe("bare names", () => {
  test("mean the dialect's vendor under its prefix, whatever the format", async () => {
    await using all = await world()
    expect(await all.providerOf("/openai/v1/chat/completions", "brand-new-model")).toBe("openai")
    expect(await all.providerOf("/openai/chat/completions", "brand-new-model")).toBe("openai")
    expect(await all.providerOf("/anthropic/v1/messages", "brand-new-model")).toBe("anthropic")
    expect(await all.providerOf("/anthropic/v1/chat/completions", "brand-new-model")).toBe("anthropic")
    expect(await all.providerOf("/openai/v1/messages", "brand-new-model")).toBe("openai")
  })

  test("mean a key's own list first, and a prefix before all", async () => {
    await using all = await world()
    expect(await all.providerOf("/openai/v1/chat/completions", "spelled-by-own")).toBe("own")
    expect(await all.providerOf("/openai/v1/chat/completions", "anthropic/brand-new-model")).toBe("anthropic")
    expect(await all.providerOf("/anthropic/v1/messages", "openai/brand-new-model")).toBe("openai")
  })

  test("that are tied go by the file's order, and the answer says so", async () => {
    await using all = await world()
    const response = await all.ask("/v1/chat/completions", "tied")
    expect(response.headers.get("x-gantry-provider")).toBe("own")
    expect(response.headers.get("x-gantry-route")).toContain("own, other")
  })

  test("that nobody knows are 404 with what was perhaps meant, in the caller's shape", async () => {
    await using all = await world()
    await (await fetch(`${all.gateway.url}/v1/models`)).text()
    for (const [name, meant] of [
      ["spelled-by-onw", "spelled-by-own"],
      ["openai-first-lists-this", "openai/first-lists-this"],
      ["nothing like it whatsoever", undefined],
    ] as const) {
      for (const wire of clients) {
        const response = await post(all.gateway, wire, wire.body(name))
        expect(response.status).toBe(404)
        const message = wire.errorMessage(await response.json())
        expect(message).toContain(name)
        expect(message).toContain("own, openai, anthropic, other")
        if (meant !== undefined) expect(message).toContain(`Did you mean ${meant}`)
      }
    }
  })

  test("that a provider lists go to it, once its list was read", async () => {
    await using all = await world()
    await (await fetch(`${all.gateway.url}/v1/models`)).text()
    expect(await all.providerOf("/v1/chat/completions", "second-lists-this")).toBe("anthropic")
  })
})

test("a provider without a model is 400 and says what was expected", async () => {
  await using all = await world()
  for (const wire of clients) {
    const response = await post(all.gateway, wire, wire.body("openai/"))
    expect(response.status).toBe(400)
    expect(wire.errorMessage(await response.json())).toContain("expected provider/model")
  }
})

test("routing.order decides ties before the file's order", async () => {
  await using upstream = await vendor("x")
  const spelled = (name: string) =>
    provider(upstream.url, { keys: [{ name, value: "sk-0123456789abcdef", models: ["m"], weight: 1 }] })
  await using gateway = await gatewayWith({ providers: { a: spelled("a"), b: spelled("b") }, routing: { order: ["b"] } })
  const response = await post(gateway, messages, messages.body("m"))
  expect(response.headers.get("x-gantry-provider")).toBe("b")
})
