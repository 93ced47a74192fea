import { describe, expect, test } from "bun:test"
import type { KeyEntry, ProviderEntry, Registry } from "../../src/core/registry.ts"
import { knownNames, resolveModel } from "../../src/dispatch/resolve.ts"

const key = (names: readonly string[]): KeyEntry => ({
  id: "k",
  name: "k",
  reveal: () => "secret",
  weight: 1,
  allows: () => true,
  aliasOf: () => undefined,
  names,
})

interface World {
  /** Providers in config order, with the names that their keys spell out. */
  readonly providers: Readonly<Record<string, readonly string[]>>
  readonly owner?: Readonly<Record<string, string>>
  readonly listed?: Readonly<Record<string, readonly string[]>>
  readonly standIns?: readonly string[]
}

function registryOf({ providers, owner, listed, standIns }: World): Registry {
  const entry = (id: string, names: readonly string[]): ProviderEntry => ({
    id,
    label: id,
    standIn: standIns?.includes(id) ?? false,
    needsKey: true,
    connection: { provider: id, baseUrl: "http://localhost" },
    routes: [],
    keys: [key(names)],
    keyRemedy: "",
    timeouts: { connectMs: 1, firstByteMs: 1, idleMs: 1, unaryTotalMs: 1, streamTotalMs: 1 },
    retry: { max: 0, initialMs: 1, maxMs: 1 },
    concurrency: 1,
    bufferSize: 1,
    extraHeaders: [],
    betaOverrides: new Map(),
    sendBack: { request: false, response: false },
    transport: { send: () => ({ answer: Promise.reject(new Error("no network here")), cancel: () => {} }), close: () => {} },
  })
  return {
    version: 1,
    providers: new Map(Object.entries(providers).map(([id, names]) => [id, entry(id, names)])),
    fallbacks: [],
    limits: {
      maxTargets: 5,
      maxTries: 8,
      callTotalMs: 1,
      queueWaitMs: 1,
      dropExcess: false,
      keepAliveMs: 0,
      clientStallMs: 1,
    },
    allowDirectKeys: false,
    headerFilter: { allow: [], deny: [] },
    allowRawOverride: false,
    owner: (model) => owner?.[model],
    limitsOf: () => ({}),
    keyVariable: () => undefined,
    listed: (provider) => listed?.[provider] ?? [],
  }
}

function meaning(world: World, name: string, vendor?: string): string | undefined {
  const found = resolveModel(name, vendor, registryOf(world))
  return found && `${found.provider.id}: ${found.model}`
}

describe("a model name means, in this order", () => {
  const everything: World = {
    providers: { one: [], two: ["m"], three: [], vendor: [], owner: [] },
    owner: { m: "owner", n: "owner", o: "owner" },
    listed: { three: ["m", "n", "p"] },
  }

  test("the provider before its first slash", () => {
    expect(meaning(everything, "one/m", "vendor")).toBe("one: m")
    expect(meaning(everything, "one/two/m")).toBe("one: two/m")
    expect(meaning(everything, "one/")).toBe("one: ")
  })

  test("a key that spells it out", () => {
    expect(meaning(everything, "m", "vendor")).toBe("two: m")
  })

  test("the dialect's own vendor, if it is configured", () => {
    expect(meaning(everything, "n", "vendor")).toBe("vendor: n")
    expect(meaning(everything, "anything at all", "vendor")).toBe("vendor: anything at all")
    expect(meaning(everything, "n", "not-configured")).toBe("owner: n")
  })

  test("its first-party owner, if that is configured", () => {
    expect(meaning(everything, "n")).toBe("owner: n")
    expect(meaning({ ...everything, owner: { n: "elsewhere" } }, "n")).toBe("three: n")
  })

  test("a provider that lists it", () => {
    expect(meaning(everything, "p")).toBe("three: p")
  })

  test("the sole provider", () => {
    expect(meaning({ providers: { only: [] } }, "never heard of")).toBe("only: never heard of")
    expect(meaning({ providers: { only: [], mock: [] }, standIns: ["mock"] }, "never heard of")).toBe("only: never heard of")
    expect(meaning({ providers: { mock: [] }, standIns: ["mock"] }, "never heard of")).toBeUndefined()
  })

  test("nothing, where nothing fits", () => {
    expect(meaning(everything, "never heard of")).toBeUndefined()
    expect(meaning({ providers: {} }, "m")).toBeUndefined()
  })
})

test("a slash that follows no provider's name belongs to the model", () => {
  expect(meaning({ providers: { only: [] } }, "meta-llama/llama-9")).toBe("only: meta-llama/llama-9")
  expect(meaning({ providers: { a: ["meta-llama/llama-9"], b: [] } }, "meta-llama/llama-9")).toBe("a: meta-llama/llama-9")
  expect(meaning({ providers: { only: [] } }, "/x")).toBe("only: /x")
})

test("a tie goes to the first in the file, and says so", () => {
  const found = resolveModel("m", undefined, registryOf({ providers: { b: ["m"], c: [], a: ["m"] } }))
  expect(found?.provider.id).toBe("b")
  expect(found?.reason).toContain("b, a")
})

test("near matches come from what keys spell out and what providers list", () => {
  const names = knownNames(registryOf({ providers: { a: ["alias"], b: [] }, listed: { b: ["listed"] } }))
  expect(names).toEqual(["alias", "b/listed"])
})
