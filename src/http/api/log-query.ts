import { errorKinds, fault } from "../../core/error.ts"
import type { LogQuery } from "../../core/record.ts"
import { stopReasons } from "../../core/response.ts"
import { dialects } from "../../dialects/index.ts"
import { instantOf } from "../../lib/instant.ts"
import { nearest } from "../../lib/nearest.ts"

export const defaultLimit = 50
export const maxLimit = 1_000
const longestList = 100
const longestText = 512
const mostWords = 10

type Parameters = Readonly<Record<string, string | undefined>>
type Read<T> = (text: string, name: string) => T

const bad = (name: string, wanted: string) => fault("invalid-request", `${name} must be ${wanted}`, { param: name })

const list: Read<readonly string[]> = (text, name) => {
  const items = text.split(",").filter((item) => item !== "")
  if (items.length > longestList) throw bad(name, `${longestList} values at most, with commas between them`)
  return items
}
/** A list of words of which there are no others. */
const listOf =
  (known: readonly string[]): Read<readonly string[]> =>
  (text, name) => {
    const items = list(text, name)
    const wrong = items.find((item) => !known.includes(item))
    if (wrong === undefined) return items
    const message = `${name} holds ${JSON.stringify(wrong.slice(0, 80))}, which is none of ${known.join(", ")}`
    throw fault("invalid-request", message, { param: name })
  }
const word: Read<string> = (text, name) => {
  if (text.length > longestText) throw bad(name, `a text of ${longestText} characters at most`)
  return text
}
const words: Read<readonly string[]> = (text, name) => {
  const found = text.split(/\s+/).filter((item) => item !== "")
  if (found.length > mostWords || text.length > longestText)
    throw bad(name, `${mostWords} words and ${longestText} characters at most`)
  return found
}
const number: Read<number> = (text, name) => {
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) throw bad(name, "a number that is not negative")
  return value
}
const limit: Read<number> = (text, name) => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > maxLimit) throw bad(name, `a whole number from 1 to ${maxLimit}`)
  return value
}
const time: Read<number> = (text, name) => {
  const value = instantOf(text)
  if (value === undefined)
    throw bad(name, "a time in ISO 8601 with its zone (2026-11-22T10:00:00Z), a date, or seconds or milliseconds since 1970")
  return value
}
const flag: Read<boolean> = (text, name) => {
  if (text !== "true" && text !== "false") throw bad(name, "true or false")
  return text === "true"
}
const status: Read<"success" | "error"> = (text, name) => {
  if (text !== "success" && text !== "error") throw bad(name, "success or error")
  return text
}

/** Query parameters by their names, which are Bifrost's where it has one, with the field each one sets. */
const filters = {
  limit: ["limit", limit],
  cursor: ["cursor", word],
  start_time: ["from", time],
  end_time: ["to", time],
  providers: ["providers", list],
  models: ["models", list],
  selected_key_ids: ["keys", list],
  dialects: ["dialects", listOf(dialects.map(({ id }) => id))],
  status: ["status", status],
  error_kinds: ["errorKinds", listOf(errorKinds)],
  stop_reasons: ["stopReasons", listOf(stopReasons)],
  session_id: ["sessionId", word],
  request_id: ["requestId", word],
  stream: ["stream", flag],
  min_latency: ["minDurationMs", number],
  max_latency: ["maxDurationMs", number],
  min_tokens: ["minTokens", number],
  max_tokens: ["maxTokens", number],
  min_cost: ["minCost", number],
  max_cost: ["maxCost", number],
  missing_cost_only: ["missingCost", flag],
  search: ["search", words],
} as const satisfies Readonly<Record<string, readonly [keyof LogQuery, Read<unknown>]>>

type Name = keyof typeof filters

export const filterNames: readonly string[] = Object.keys(filters)

const lists = [
  "providers",
  "models",
  "selected_key_ids",
  "dialects",
  "error_kinds",
  "stop_reasons",
] as const satisfies readonly Name[]
const repeatable: ReadonlySet<string> = new Set(lists)

/** What a form sends of a field that nobody filled in, or of several of one name. */
const isEmpty = (name: string, text: string): boolean => (repeatable.has(name) ? /^[\s,]*$/ : /^\s*$/).test(text)

/** The parameters of an address. Lists may be given in parts; of anything else one value would be lost. */
export function parametersOf(search: URLSearchParams): Parameters {
  const found = new Map<string, string>()
  for (const [name, text] of search) {
    const before = found.get(name) ?? ""
    if (isEmpty(name, before)) found.set(name, text)
    else if (repeatable.has(name)) found.set(name, `${before},${text}`)
    else if (!isEmpty(name, text)) throw bad(name.slice(0, 80), "given once")
  }
  return Object.fromEntries(found)
}

/** Reads a list's query parameters, empty ones as if they were not there. Throws a GatewayFault that names the first one it cannot use, unknown ones included. */
export function logQueryOf(parameters: Parameters): LogQuery {
  const query: Record<string, unknown> = { limit: defaultLimit }
  for (const [name, text] of Object.entries(parameters)) {
    if (text === undefined) continue
    const filter = Object.hasOwn(filters, name) ? filters[name as Name] : undefined
    if (!filter) throw noSuchFilter(name.slice(0, 80))
    if (isEmpty(name, text)) continue
    const [field, read] = filter
    query[field] = read(text, name)
  }
  for (const [least, most] of ranges) if (isAbove(query, least, most)) throw bad(most, `no less than ${least}`)
  return query as LogQuery
}

const ranges = [
  ["start_time", "end_time"],
  ["min_latency", "max_latency"],
  ["min_tokens", "max_tokens"],
  ["min_cost", "max_cost"],
] as const satisfies readonly (readonly [Name, Name])[]

function isAbove(query: LogQuery, least: (typeof ranges)[number][0], most: (typeof ranges)[number][1]): boolean {
  const [from, to] = [query[filters[least][0]], query[filters[most][0]]]
  return from !== undefined && to !== undefined && from > to
}

function noSuchFilter(name: string) {
  const [meant] = nearest(name, filterNames, { max: 1 })
  const hint = meant === undefined ? `there are ${filterNames.join(", ")}` : `did you mean ${meant}?`
  return fault("invalid-request", `there is no filter ${name}: ${hint}`, { param: name })
}
