import { describe, expect, test } from "bun:test"
import { type BannerFacts, banner } from "../../src/cli/banner.ts"
import { type Guard, nextSteps } from "../../src/cli/next-steps.ts"
import { parseConfig } from "../../src/config/load.ts"
import type { SourceState } from "../../src/config/source.ts"

const facts = [
  { id: "acme", env: "ACME_KEY", needsKey: true, defaultBaseUrl: "https://acme.example" },
  { id: "den", needsKey: false, defaultBaseUrl: "http://127.0.0.1:11434" },
  { id: "parrot", needsKey: false, defaultBaseUrl: "http://parrot.localhost" },
]
const providers = new Map([
  ["acme", { label: "Acme", standIn: false }],
  ["den", { label: "Den", standIn: false }],
  ["parrot", { label: "Parrot", standIn: true }],
])

function factsOf(document: object, state: SourceState, more: Partial<BannerFacts> = {}): BannerFacts {
  const result = parseConfig(JSON.stringify(document), { env: { ACME_KEY: "k" }, providers: facts })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  const snapshot = { version: 1, hash: "0", state, config: result.config, warnings: [], loadedAt: 0 }
  const base = { version: "1.2.3", url: "http://127.0.0.1:8080", snapshot, file: "/f/config.json", dir: "/f", providers }
  return { ...base, open: false, warnings: [], ...more }
}

const detected = { providers: { acme: {}, den: {}, parrot: {} } }

describe("the banner", () => {
  test("says where it listens and what was found", () => {
    const text = banner(factsOf(detected, "detected"), false)
    expect(text).toContain("listening on http://127.0.0.1:8080\n")
    expect(text).toContain("no file: found ACME_KEY, Den at http://127.0.0.1:11434\n")
  })

  test("without anything found says so", () => {
    const text = banner(factsOf({ providers: { parrot: {} } }, "detected"), false)
    expect(text).toContain("a mock answers")
  })

  test("warns of the last good copy, of an open door, and shows a made token", () => {
    const options = { url: "http://0.0.0.0:1", open: true, madeToken: "t-1" }
    const text = banner(factsOf({ providers: { acme: {} } }, "last-good", options), false)
    expect(text).toContain("the last good copy of /f/config.json")
    expect(text).toContain("/f/config.json cannot be used; to see why: gantry validate --config /f/config.json")
    expect(text).toContain("anybody who reaches this address can call your models")
    expect(text).toContain("t-1")
    const guarded = factsOf({ client: { enforce_auth_on_inference: true }, providers: { acme: {} } }, "file", options)
    expect(banner(guarded, false)).not.toContain("anybody")
  })

  test("has colour only where asked", () => {
    expect(banner(factsOf(detected, "detected"), false)).not.toContain("\u001b")
    expect(banner(factsOf(detected, "file"), true)).toContain("\u001b[")
  })

  const warnings = (count: number, length: number) => Array.from({ length: count }, (_, index) => `${index} `.padEnd(length, "x"))
  const rows = (text: string) => text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 80)), 0)

  test.each([
    [50, 10, undefined],
    [50, 10, "token"],
    [3, 200, undefined],
    [9, 60, "nothing opens"],
  ] as const)("with %p warnings of %p characters fits 24 rows of 80 columns", (count, length, guard) => {
    const url = "http://127.0.0.1:8080"
    const more = { warnings: warnings(count, length), guard, ...(guard === "token" ? { madeToken: "t".repeat(39) } : {}) }
    const text = banner(factsOf(detected, "last-good", more), false)
    expect(rows(`${text}\n${nextSteps({ url, model: "anthropic/claude-sonnet-4-5", guard }, false)}\n`)).toBeLessThanOrEqual(24)
    expect(text).toContain("/f/config.json cannot be used")
    expect(text).toMatch(/\nwarning {6}and \d+ more; to see them: gantry validate/)
  })

  test("shows every warning that there is room for", () => {
    const text = banner(factsOf(detected, "file", { warnings: warnings(3, 60) }), false)
    expect(text.match(/^warning/gm)).toHaveLength(3)
    expect(text).not.toContain("more;")
  })
})

describe("the next steps", () => {
  test("a call with a model that exists, and where SDKs go", () => {
    const text = nextSteps({ url: "http://0.0.0.0:1", model: "acme/m" }, false)
    expect(text).toContain("curl http://localhost:1/v1/chat/completions")
    expect(text).toContain('-d \'{"model":"acme/m",')
    expect(text).toContain("base_url http://localhost:1/v1\n")
    expect(text).toContain("http://localhost:1/anthropic")
  })

  test("where no model is known, the list of them, and a place for one", () => {
    const text = nextSteps({ url: "http://127.0.0.1:8080", model: undefined }, false)
    expect(text).toContain("models       curl http://127.0.0.1:8080/v1/models\n")
    expect(text).toContain("claude --model '<model>'\n")
  })

  test("where calls need a credential they carry a placeholder for it", () => {
    const steps = (guard: Guard) => nextSteps({ url: "http://127.0.0.1:1", model: "acme/m", guard }, false)
    expect(steps("token")).toContain("/v1/chat/completions -H 'authorization: Bearer <admin token>' -d")
    expect(steps("token")).toContain("ANTHROPIC_AUTH_TOKEN='<admin token>' claude")
    expect(steps("password")).toContain("/v1/chat/completions -u '<name>:<password>' -d")
  })

  test("where calls need a credential and none is set, the banner says that all are refused", () => {
    const facts = factsOf({ client: { enforce_auth_on_inference: true }, providers: { acme: {} } }, "file", {
      guard: "nothing opens",
    })
    expect(banner(facts, false)).toContain("every call to a model is refused")
  })
})
