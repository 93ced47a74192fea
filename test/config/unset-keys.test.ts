import { describe, expect, test } from "bun:test"
import { parseConfig } from "../../src/config/load.ts"
import { buildRegistry } from "../../src/config/registry.ts"
import { problemLine } from "../../src/config/render-problems.ts"
import { ENV, FACTS, provider, refuse } from "./facts.ts"

const lenient = (document: object) =>
  parseConfig(JSON.stringify(document, null, 2), { env: ENV, file: "config.json", providers: FACTS, unsetKeys: "leave-out" })

const twoKeys = {
  providers: {
    openai: {
      keys: [
        { name: "main", value: "env.OPENAI_API_KEY" },
        { name: "spare", value: "env.SPARE_KEY", aliases: { fast: "gpt-x" } },
      ],
    },
    anthropic: { keys: [{ name: "only", value: "env.OTHER_KEY" }] },
    azure: { keys: [{ name: "cloud", value: "x", azure_key_config: { endpoint: "env.AZURE_ENDPOINT" } }] },
  },
}

describe("a key whose variable is not set", () => {
  test("is left out with one line, and the rest serves", () => {
    const result = lenient(twoKeys)
    if (!result.ok) throw new Error("refused")
    expect(result.warnings.map(problemLine)).toEqual([
      "providers.openai.keys[1].value: the environment variable SPARE_KEY is not set, so this key is left out (config.json:11:20) — set it before the start",
      "providers.anthropic.keys[0].value: the environment variable OTHER_KEY is not set, so this key is left out (config.json:22:20) — set it before the start",
      "providers.azure.keys[0].azure_key_config.endpoint: the environment variable AZURE_ENDPOINT is not set, so this key is left out (config.json:32:25) — set it before the start",
    ])
    const keys = provider(result.config, "openai").keys.map(({ name, enabled, unset }) => [name, enabled, unset])
    expect(keys).toEqual([
      ["main", true, undefined],
      ["spare", false, "SPARE_KEY"],
    ])
  })

  test("is an error to who is strict", () => {
    expect(refuse(twoKeys).map(({ severity, path }) => `${severity} ${path}`)).toEqual([
      "error providers.openai.keys[1].value",
      "error providers.anthropic.keys[0].value",
      "error providers.azure.keys[0].azure_key_config.endpoint",
    ])
  })

  test("is known to the registry by what it wants", () => {
    const result = lenient(twoKeys)
    if (!result.ok) throw new Error("refused")
    const transport = { send: () => ({ answer: Promise.reject(new Error("unused")), cancel: () => {} }), close: () => {} }
    const registry = buildRegistry(result.config, {
      version: 1,
      provider: (id) => ({ id, label: id, needsKey: true, routes: [], verified: "docs" }) as never,
      transport: () => transport,
      owner: () => undefined,
      limitsOf: () => ({}),
      keyVariable: () => undefined,
      listed: () => [],
    })
    expect(registry.providers.get("openai")?.keys.map(({ name }) => name)).toEqual(["main"])
    expect(registry.providers.get("openai")?.unsetKeys).toEqual([
      { id: "spare", name: "spare", variable: "SPARE_KEY", names: ["fast"] },
    ])
  })
})

test.each([
  ["admin.token", { admin: { token: "env.NOPE" } }],
  ["auth_config.admin_password", { auth_config: { admin_username: "a", admin_password: "env.NOPE" } }],
  ["encryption_key", { encryption_key: "env.NOPE" }],
  [
    "providers.openai.network_config.extra_headers.x-a",
    { providers: { openai: { network_config: { extra_headers: { "x-a": "env.NOPE" } } } } },
  ],
  [
    "providers.openai.proxy_config.password",
    { providers: { openai: { proxy_config: { type: "http", url: "http://p", password: "env.NOPE" } } } },
  ],
])("%s is missed by everybody", (path, document) => {
  const result = lenient(document)
  expect(result.ok).toBe(false)
  if (!result.ok) expect(result.problems[0]).toMatchObject({ severity: "error", path })
})
