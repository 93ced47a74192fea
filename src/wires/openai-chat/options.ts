import { effortOf } from "../../core/effort.ts"
import { restOf } from "../../core/lens.ts"
import { nothing } from "../../core/node.ts"
import type { OutputOptions, ReasoningOptions, Request } from "../../core/request.ts"
import {
  asArray,
  asBoolean,
  asNumber,
  asObject,
  asString,
  type Json,
  type JsonObject,
  RawJson,
  stringifyJson,
} from "../../lib/json.ts"
import { given, joined, members } from "./types.ts"
import type { Writer } from "./writer.ts"

/**
 * `reasoning_effort`, and the `reasoning` object of routers: effort, budget in tokens, and whether thinking is shown.
 * https://openrouter.ai/docs/use-cases/reasoning-tokens
 */
export function readReasoningOptions(source: JsonObject): ReasoningOptions | undefined {
  const router = asObject(source.reasoning)
  const budget = asNumber(router?.max_tokens)
  const effort = asString(router?.effort) ?? asString(source.reasoning_effort) ?? switched(router, budget)
  const isHidden = asBoolean(router?.exclude) === true
  if (effort === undefined && budget === undefined && !isHidden) return undefined
  return {
    ...given("effort", effort),
    ...given("budget", budget),
    ...(isHidden ? { show: "none" as const } : {}),
  }
}

/** Thinking that is only turned on is as deep as a router has it by default. */
function switched(router: JsonObject | undefined, budget: number | undefined): string | undefined {
  const isOn = asBoolean(router?.enabled)
  if (isOn === undefined || (isOn && budget !== undefined)) return undefined
  return isOn ? "medium" : "none"
}

/** Routers take the whole of it; the format itself only an effort. */
export function reasoningKeys(options: ReasoningOptions, writer: Writer, source?: JsonObject): JsonObject {
  const { effort, budget, show, adaptive } = options
  const { features } = writer.exchange.target
  const note = (field: string, effect: "adapted" | "dropped"): void =>
    writer.note({
      code: effect === "adapted" ? "field-adapted" : "field-unsupported",
      path: `reasoning.${field}`,
      effect,
      side: writer.side,
    })
  if (adaptive) note("adaptive", "adapted")
  if (features.has("reasoning-details") || asObject(source?.reasoning)) {
    if (show === "summary" || show === "full") note("show", "adapted")
    return { reasoning: members({ effort, max_tokens: budget, exclude: show === "none" ? true : undefined }) }
  }
  if (show !== undefined) note("show", "dropped")
  if (budget !== undefined && effort !== undefined) note("budget", "dropped")
  else if (budget !== undefined) writer.note({ code: "field-adapted", path: "reasoning", effect: "adapted", side: writer.side })
  const word = effort ?? (budget === undefined ? undefined : effortOf(budget, "high"))
  return members({ reasoning_effort: word })
}

/** `response_format`, `modalities` and `verbosity`. Undefined when none of them asks for anything. */
export function readOutput(source: JsonObject): OutputOptions | undefined {
  const format = asObject(source.response_format)
  if (!format && source.modalities === undefined && source.verbosity === undefined) return undefined
  const modalities = asArray(source.modalities)?.flatMap((one) => asString(one) ?? [])
  const output: OutputOptions = {
    ...readFormat(format),
    ...given("modalities", modalities && modalities.length > 0 ? modalities : undefined),
    ...given("verbosity", asString(source.verbosity)),
  }
  return Object.keys(output).length > 0 ? output : undefined
}

function readFormat(format: JsonObject | undefined): OutputOptions {
  if (format?.type === "json_object") return { json: true }
  const spec = format?.type === "json_schema" ? asObject(format.json_schema) : undefined
  if (!spec) return {}
  const { schema } = spec
  return {
    ...given("schema", schema === undefined || schema === null ? undefined : stringifyJson(schema)),
    ...given("name", asString(spec.name)),
    ...given("description", asString(spec.description)),
    ...given("strict", asBoolean(spec.strict)),
  }
}

/** True for a format that nobody modelled, such as a grammar. */
const isUnknownFormat = (json: Json | undefined): boolean => {
  const type = asObject(json)?.type
  return (
    json !== undefined && json !== null && type !== "text" && type !== "json_object" && !asObject(asObject(json)?.json_schema)
  )
}

const nested: Readonly<Record<string, ReadonlySet<string>>> = {
  reasoning: new Set(["effort", "max_tokens", "exclude", "enabled"]),
  response_format: new Set(["type", "json_schema"]),
  stream_options: new Set(["include_usage"]),
}

const noKeys: ReadonlySet<string> = new Set()
const schemaKeys: ReadonlySet<string> = new Set(["name", "description", "schema", "strict"])

/** Unmodelled keys inside the objects among a request's options. */
export function optionsRest(source: JsonObject): readonly string[] {
  if (isUnknownFormat(source.response_format)) return ["response_format"]
  let found: readonly string[] = nothing
  for (const name in nested) found = joined(found, restBelow(source[name], nested[name] ?? noKeys, name))
  const format = asObject(source.response_format)
  return format ? joined(found, restBelow(format.json_schema, schemaKeys, "response_format.json_schema")) : found
}

function restBelow(json: Json | undefined, modelled: ReadonlySet<string>, path: string): readonly string[] {
  const object = asObject(json)
  const rest = object ? restOf(object, modelled) : nothing
  return rest.length === 0 ? nothing : rest.map((key) => `${path}.${key}`)
}

export function outputKeys(output: OutputOptions, writer: Writer): JsonObject {
  const { schema, name, description, strict, json, modalities, verbosity } = output
  if (schema !== undefined && name === undefined)
    writer.note({ code: "field-adapted", path: "output.name", effect: "adapted", side: writer.side })
  return members({ response_format: formatOf(schema, { name, description, strict }, json), modalities, verbosity })
}

function formatOf(
  schema: string | undefined,
  {
    name,
    description,
    strict,
  }: Pick<{ [K in keyof OutputOptions]: OutputOptions[K] | undefined }, "name" | "description" | "strict">,
  json: true | undefined,
): JsonObject | undefined {
  if (schema === undefined && name === undefined) return json ? { type: "json_object" } : undefined
  const spec = { name: name ?? "response", description, schema: schema === undefined ? undefined : new RawJson(schema), strict }
  return { type: "json_schema", json_schema: members(spec) }
}

/** How many alternatives a token shall have: `logprobs` turns them on, `top_logprobs` counts. */
export function readLogprobsOption(source: JsonObject): number | undefined {
  const top = asNumber(source.top_logprobs)
  return asBoolean(source.logprobs) === true ? (top ?? 0) : undefined
}

export const logprobsKeys = (count: number | undefined): JsonObject =>
  count === undefined ? {} : count > 0 ? { logprobs: true, top_logprobs: count } : { logprobs: true }

/** The plain numbers and words that this wire and the hub share. */
export const plainFields = {
  temperature: "temperature",
  topP: "top_p",
  topK: "top_k",
  frequencyPenalty: "frequency_penalty",
  presencePenalty: "presence_penalty",
  seed: "seed",
  candidates: "n",
} as const satisfies Partial<Record<keyof Request, string>>

export const wordFields = {
  cacheKey: "prompt_cache_key",
  user: "user",
  serviceTier: "service_tier",
} as const satisfies Partial<Record<keyof Request, string>>

export const switchFields = {
  parallelTools: "parallel_tool_calls",
  store: "store",
} as const satisfies Partial<Record<keyof Request, string>>

/** Reads the shared fields of one kind into a request. */
export function readFields<K extends string, V>(
  source: JsonObject,
  request: { [P in K]?: V },
  fields: Readonly<Record<K, string>>,
  read: (json: Json | undefined) => V | undefined,
): void {
  for (const field in fields) {
    const value = read(source[fields[field]])
    if (value !== undefined) request[field] = value
  }
}
