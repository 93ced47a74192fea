import { describe, expect, test } from "bun:test"
import { allows } from "../../src/config/name-filter.ts"
import { BIFROST_DOCUMENTS } from "./documents.ts"
import { accept, ENV, provider, refuse } from "./facts.ts"

describe("Bifrost files run unchanged", () => {
  for (const [name, document] of Object.entries(BIFROST_DOCUMENTS)) {
    test(name, () => {
      const { warnings } = accept(document)
      expect(warnings.every((problem) => problem.severity === "warning")).toBe(true)
    })
  }

  test("early provider-wide settings reach every key", () => {
    const { config } = accept(BIFROST_DOCUMENTS.early)
    const azure = provider(config, "azure").keys[0]
    expect(azure?.settings.endpoint).toBe("https://res.openai.azure.com")
    expect(azure?.aliases.get("gpt-4o")).toBe("my-deployment")
    const bedrock = provider(config, "bedrock").keys[0]
    expect(bedrock?.settings.accessKey?.reveal()).toBe(ENV.ANTHROPIC_API_KEY)
    expect(bedrock?.settings.secretKey?.reveal()).toBe(ENV.OPENAI_API_KEY)
    expect(provider(config, "vertex").keys.map((key) => key.settings.projectId)).toEqual(["p"])
    expect(provider(config, "openai").network.retry).toEqual({ max: 1, initialMs: 100, maxMs: 2000 })
    expect(provider(config, "openai")).toMatchObject({ concurrency: 3, bufferSize: 10 })
  })

  test("a provider that sets no limits has room for thousands of slow streams at once", () => {
    const { config } = accept({ providers: { ollama: {} } })
    expect(provider(config, "ollama")).toMatchObject({ concurrency: 5_000, bufferSize: 5_000 })
  })

  test("everything a full file says arrives", () => {
    const { config, warnings } = accept(BIFROST_DOCUMENTS.full)
    const openai = provider(config, "openai")
    expect(openai.network).toMatchObject({
      baseUrl: "https://proxy.example.com/v1",
      baseHasVersion: true,
      http2: "on",
      retry: { max: 1, initialMs: 250, maxMs: 4000 },
    })
    expect(openai.network.timeouts.idleMs).toBe(60_000)
    expect(openai.network.extraHeaders.map(([name, value]) => [name, value.reveal()])).toEqual([["X-Org", ENV.ANTHROPIC_API_KEY]])
    expect(openai.keys[0]).toMatchObject({ id: "k1", name: "one", weight: 0.7 })
    const mine = provider(config, "my-llm")
    expect(mine).toMatchObject({ baseType: "openai", custom: true, keyless: false })
    expect(mine.allowedRequests).toEqual(
      new Map([
        ["chat_completion", true],
        ["chat_completion_stream", true],
        ["embedding", false],
      ]),
    )
    expect(mine.pathOverrides).toEqual(new Map([["chat_completion", "/chat"]]))
    expect(config.admin).toMatchObject({ enabled: true, username: "root" })
    expect(config.client.logging.retentionDays).toBe(365)
    expect(config.providers.map((entry) => entry.id)).toEqual(["openai", "my-llm"])
    expect(warnings.some((problem) => problem.path === "providers.replicate")).toBe(true)
  })

  test("what is not built yet is one warning that names it all", () => {
    const { config, warnings } = accept(BIFROST_DOCUMENTS.full)
    const about = warnings.filter((problem) => problem.message.includes("without effect"))
    expect(about).toHaveLength(1)
    for (const name of [
      "governance.virtual_keys",
      "plugins",
      "vector_store",
      "logs_store",
      "websocket",
      "guardrails_config",
      "client.required_headers",
    ]) {
      expect(config.unbuilt).toContain(name)
      expect(about[0]?.message).toContain(name)
    }
    for (const name of ["client.compat", "source_of_truth", "client.initial_pool_size", "governance.auth_config"])
      expect(config.unbuilt).not.toContain(name)
    expect(about[0]?.line).toBeGreaterThan(0)
  })

  test("settings without effect are named like sections, and still checked", () => {
    const keyWith = (members: object) => ({ providers: { openai: { keys: [{ value: "x", ...members }] } } })
    const aliases = { fast: { model_id: "gpt-x", description: "ours", region: "eu", model_family: "openai" }, plain: "y" }
    const { config, warnings } = accept({ ...keyWith({ use_for_batch_api: true, aliases }), env_label: "staging" })
    const key = "providers.openai.keys[0]"
    expect(config.unbuilt.toSorted()).toEqual([
      "env_label",
      `${key}.aliases.fast.model_family`,
      `${key}.aliases.fast.region`,
      `${key}.use_for_batch_api`,
    ])
    expect(warnings.filter(({ message }) => message.includes("without effect"))).toHaveLength(1)
    expect(provider(config, "openai").keys[0]?.aliases.get("fast")).toBe("gpt-x")
    expect(accept(keyWith({ use_for_batch_api: false })).config.unbuilt).toEqual([])
    const [problem] = refuse(keyWith({ aliases: { fast: { model_id: "gpt-x", model_family: "llama" } } }))
    expect(problem?.path).toBe(`${key}.aliases.fast.model_family`)
  })

  test("what is kept in the log anyway is asked for without a word", () => {
    const { config } = accept({ providers: { mock: { store_raw_request_response: true } } })
    expect(config.unbuilt).toEqual([])
  })
})

describe("defaults", () => {
  test("deadlines and limits", () => {
    const { config } = accept({ providers: { mock: {} } })
    expect(config.providers[0]?.network.timeouts).toEqual({
      connectMs: 5000,
      firstByteMs: 120_000,
      idleMs: 120_000,
      unaryTotalMs: 600_000,
      streamTotalMs: 600_000,
    })
    expect(config.providers[0]?.network.retry).toEqual({ max: 1, initialMs: 500, maxMs: 5000 })
    expect(config.routing).toMatchObject({ maxTargets: 5, maxTries: 8, totalTimeoutMs: 900_000, queueWaitMs: 10_000 })
    expect(config.client).toMatchObject({ maxRequestBodyBytes: 100 * 1024 * 1024, allowedOrigins: [], allowDirectKeys: false })
    expect(config.client.logging).toMatchObject({ enabled: true, content: true, retentionDays: 30 })
  })

  test("a request timeout bounds unary calls and a stream's first byte, never the call before its try", () => {
    const { config } = accept({ providers: { mock: { network_config: { default_request_timeout_in_seconds: 1800 } } } })
    const timeouts = config.providers[0]?.network.timeouts
    expect(timeouts).toMatchObject({ unaryTotalMs: 1_800_000, firstByteMs: 1_800_000, streamTotalMs: 1_800_000 })
    expect(config.routing.totalTimeoutMs).toBe(1_800_000)
  })

  test("a provider without keys takes its customary variable, one that needs none a stand-in", () => {
    const { config } = accept({ providers: { openai: {}, ollama: {} } })
    expect(provider(config, "openai").keys.map((key) => [key.id, key.value?.reveal()])).toEqual([
      ["OPENAI_API_KEY", ENV.OPENAI_API_KEY],
    ])
    expect(provider(config, "ollama").keys).toHaveLength(1)
    expect(provider(config, "ollama").keys[0]?.value).toBeUndefined()
  })

  test("the result cannot be changed", () => {
    const { config } = accept({ providers: { openai: {} } })
    expect(() => Object.assign(config.client.logging, { enabled: false })).toThrow()
    expect(() => (config.providers as unknown[]).push(1)).toThrow()
  })

  test("comments, commas at the end, a byte order mark and null are fine", () => {
    const { config } = accept('\uFEFF{ // note\n "providers": { "mock": { "keys": [], "proxy_config": null, }, }, /* end */ }')
    expect(config.providers[0]?.proxy).toEqual({ kind: "none" })
  })
})

describe("lists of models", () => {
  const models = (version: number | undefined, list: readonly string[] | undefined) => {
    const key = { name: "k", value: "x", ...(list === undefined ? {} : { models: list }) }
    const document = { ...(version === undefined ? {} : { version }), providers: { openai: { keys: [key] } } }
    return provider(accept(document).config, "openai").keys[0]?.models ?? { all: true as const }
  }

  test("empty means all under version 1 and none under version 2", () => {
    expect(allows(models(1, []), "gpt-4o")).toBe(true)
    expect(allows(models(2, []), "gpt-4o")).toBe(false)
    expect(allows(models(undefined, []), "gpt-4o")).toBe(false)
  })

  test("left out, or a star, means all", () => {
    for (const version of [1, 2]) {
      expect(allows(models(version, undefined), "x")).toBe(true)
      expect(allows(models(version, ["*"]), "x")).toBe(true)
    }
  })

  test("names in any case, patterns over the whole name", () => {
    const filter = models(2, ["GPT-4o", "regex:(?i)claude-.*"])
    expect(["gpt-4o", "Claude-3", "claude-"].map((name) => allows(filter, name))).toEqual([true, true, true])
    expect(["gpt-4o-mini", "my-claude-3", "claude"].map((name) => allows(filter, name))).toEqual([false, false, false])
  })

  test("an empty list that means none is pointed out", () => {
    const { warnings } = accept({ providers: { openai: { keys: [{ name: "k", value: "x", models: [] }] } } })
    expect(warnings.map((problem) => problem.path)).toContain("providers.openai.keys[0].models")
  })

  test("an empty block list blocks nothing, a star blocks all", () => {
    const blocked = (list: string[]) =>
      provider(
        accept({ providers: { openai: { keys: [{ name: "k", value: "x", blacklisted_models: list }] } } }).config,
        "openai",
      ).keys[0]?.blockedModels
    expect(blocked([])).toMatchObject({ all: false, names: [] })
    expect(blocked(["*"])).toEqual({ all: true })
  })
})

describe("doors", () => {
  const client = (part: object) => accept({ client: part, providers: { mock: {} } }).config.client

  test("names of hosts and origins of pages are taken however they are written", () => {
    expect(
      client({ allowed_hosts: ["GW.Example.com:8080", "http://gw2.example/", "*.b.example", "[::1]:80"] }).allowedHosts,
    ).toEqual(["gw.example.com", "gw2.example", "*.b.example", "[::1]"])
    const written = ["*", "HTTPS://App.Example/", "http://a.example:80", "https://*.b.example:8443", "chrome-extension://abcd"]
    expect(client({ allowed_origins: written }).allowedOrigins).toEqual([
      "*",
      "https://app.example",
      "http://a.example",
      "https://*.b.example:8443",
      "chrome-extension://abcd",
    ])
  })

  test("what no request could ever bring is an error with an example", () => {
    const never = {
      allowed_hosts: ["a b", "a.example/path", "a.*.example"],
      allowed_origins: ["app.example", "https://a.example/page"],
    }
    const problems = refuse({ client: never, providers: { mock: {} } })
    expect(problems.map(({ path }) => path)).toEqual([
      ...[0, 1, 2].map((index) => `client.allowed_hosts[${index}]`),
      ...[0, 1].map((index) => `client.allowed_origins[${index}]`),
    ])
    for (const { hint } of problems) expect(hint).toMatch(/^as in .*example\.com/)
  })
})

test("a label that the metrics have of themselves is left out, with a warning", () => {
  const { config, warnings } = accept({
    client: { prometheus_labels: ["Team", "Selected-Key-Id", "model"] },
    providers: { mock: {} },
  })
  expect(config.client.prometheusLabels).toEqual(["team"])
  expect(warnings.map(({ path }) => path)).toEqual(["client.prometheus_labels[1]", "client.prometheus_labels[2]"])
})

describe("ids of keys", () => {
  const ids = (values: readonly string[]) =>
    provider(accept({ providers: { openai: { keys: values.map((value) => ({ value })) } } }).config, "openai").keys.map(
      (key) => key.id,
    )

  test("do not move when a neighbour is edited, added or removed", () => {
    const [, second] = ids(["a", "b", "c"])
    expect(ids(["z", "b"])[1]).toBe(second ?? "")
    expect(ids(["b"])[0]).toBe(second ?? "")
    expect(ids(["changed"])[0]).not.toBe(second)
  })

  test("are distinct even for the same value twice", () => {
    expect(new Set(ids(["a", "a", "a"])).size).toBe(3)
  })

  test("an id that is written wins over the name", () => {
    const keys = [
      { id: "i", name: "n", value: "x" },
      { name: "m", value: "y" },
    ]
    expect(provider(accept({ providers: { openai: { keys } } }).config, "openai").keys.map((key) => key.id)).toEqual(["i", "m"])
  })
})

describe("fallbacks and order", () => {
  test("are read as provider and model", () => {
    const { config } = accept({
      providers: { openai: { fallbacks: ["anthropic/claude-sonnet-4-5", { provider: "Anthropic" }] }, anthropic: {} },
      routing: { order: ["anthropic"], fallbacks: ["openai/org/model"] },
    })
    expect(provider(config, "openai").fallbacks).toEqual([
      { provider: "anthropic", model: "claude-sonnet-4-5" },
      { provider: "anthropic", model: undefined },
    ])
    expect(provider(config, "anthropic").fallbacks).toBeUndefined()
    expect(config.routing).toMatchObject({ order: ["anthropic"], fallbacks: [{ provider: "openai", model: "org/model" }] })
  })

  test("a name that is not there is an error with the nearest one", () => {
    const problems = refuse({ providers: { openai: { fallbacks: ["antropic/x"] }, anthropic: {} } })
    expect(problems[0]).toMatchObject({ path: "providers.openai.fallbacks[0]", hint: 'did you mean "anthropic"?' })
  })
})
