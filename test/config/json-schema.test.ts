import { expect, test } from "bun:test"
import { z } from "zod"
import { configJsonSchema, configJsonSchemaText } from "../../src/config/json-schema.ts"
import { BIFROST_DOCUMENTS } from "./documents.ts"
import { parse } from "./facts.ts"

const ROOT = `${import.meta.dir}/../..`
const derived = z.fromJSONSchema(configJsonSchema() as Parameters<typeof z.fromJSONSchema>[0])

test("accepts the example and every good document", async () => {
  for (const document of [await Bun.file(`${ROOT}/config.json`).json(), ...Object.values(BIFROST_DOCUMENTS)])
    expect(derived.safeParse(document).error?.issues).toBeUndefined()
})

test("refuses what the loader refuses for its form", () => {
  for (const document of [
    { provders: {} },
    { version: 3 },
    { providers: { openai: { kes: [] } } },
    { client: { allowed_origins: "*" } },
  ])
    expect(derived.safeParse(document).success).toBe(false)
})

test("the copy in the repository is what `gantry schema > config.schema.json` writes", async () => {
  expect(await Bun.file(`${ROOT}/config.schema.json`).text()).toBe(`${configJsonSchemaText()}\n`)
})

test("every setting has a help text", () => {
  const missing: string[] = []
  const visit = (schema: unknown, path: string): void => {
    if (typeof schema !== "object" || schema === null) return
    const { properties, additionalProperties, items, description, $ref } = schema as Record<string, unknown>
    const deep = path.split(".").length > 1
    if (deep && description === undefined && $ref === undefined && !/meta_config|\.\*|\[\]/.test(path)) missing.push(path)
    for (const [name, inner] of Object.entries((properties as object | undefined) ?? {})) visit(inner, `${path}.${name}`)
    visit(additionalProperties, `${path}.*`)
    visit(items, `${path}[]`)
  }
  const schema = configJsonSchema()
  visit({ ...schema, properties: { ...schema.properties, providers: { description: "…" } } }, "")
  visit((schema.definitions as Record<string, unknown>).provider, "provider")
  expect(missing).toEqual([])
})

test("the example loads when its variables are set, and says which ones are not", async () => {
  const text = await Bun.file(`${ROOT}/config.json`).text()
  const good = parse(text)
  expect(good.ok && good.warnings).toEqual([])
  const bad = parse(text, {})
  expect(bad.ok ? [] : bad.problems.map((problem) => problem.message)).toEqual([
    "the environment variable OPENAI_API_KEY is not set",
    "the environment variable ANTHROPIC_API_KEY is not set",
  ])
})
