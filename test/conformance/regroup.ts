import type { Block } from "../../src/core/block.ts"
import type { Message, Role } from "../../src/core/message.ts"
import { fresh } from "../../src/core/node.ts"
import type { Request } from "../../src/core/request.ts"
import { type Response, stopWithTools } from "../../src/core/response.ts"
import { totals, type Usage } from "../../src/core/usage.ts"
import { type Json, parseJson, stringifyJson } from "../../src/lib/json.ts"
import { isRecord } from "./difference.ts"

/** One block with the role that says it: what turn-shaped and item-shaped histories have in common. */
export interface Said {
  readonly role: Role
  readonly name?: string
  readonly block: Block
}

export interface Regrouped {
  readonly fields: Readonly<Record<string, unknown>>
  readonly said: readonly Said[]
}

/** Parallel calls are every vendor's default, instructions are system messages that come first, containers do not count, results come first in their turn, ids are numbered. */
export function regroupRequest(request: Request): Regrouped {
  const { instructions = [], messages, model: _, stream, parallelTools, ...fields } = request
  const leading: Message[] = instructions.map((block) => ({ role: "system", blocks: [block] }))
  const said = resultsFirst(flatten([...leading, ...messages]))
  return plain({ ...fields, stream: stream ? {} : undefined, parallelTools: parallelTools === false ? false : undefined }, said)
}

/** Words for the service that one gets who asks for nothing: to leave one out is no loss. */
const ordinary: ReadonlySet<string> = new Set(["default", "on_demand"])

/** Ids, times and the vendor's own words for things do not count. */
export function regroupResponse(response: Response): Regrouped {
  const { id: _id, model: _model, created: _created, candidates, usage, serviceTier, ...fields } = response
  const said = candidates.flatMap((candidate) => flatten(candidate.messages))
  const stops = candidates.map((candidate) => {
    const calls = flatten(candidate.messages).some(({ block }) => block.type === "tool-call" && block.by === undefined)
    const { raw: _, ...stop } = stopWithTools(candidate.stop, calls)
    return stop
  })
  return plain(
    {
      ...fields,
      serviceTier: serviceTier !== undefined && ordinary.has(serviceTier) ? undefined : serviceTier,
      usage: shownUsage(usage),
      candidates: stops.map((stop) => ({ stop })),
    },
    said,
  )
}

/** What a client is shown: classes and lines are for the books, which are kept from the upstream's own figures. */
function shownUsage(usage: Usage | undefined): object | undefined {
  if (!usage) return undefined
  const { input, output } = totals(usage)
  return { input, output }
}

const flatten = (messages: readonly Message[]): Said[] =>
  messages.flatMap(({ role, name, blocks }) =>
    blocks.filter(says).map((block) => (name === undefined ? { role, block } : { role, name, block })),
  )

/** Empty text that carries nothing says nothing. */
const says = (block: Block): boolean => block.type !== "text" || block.text !== "" || block.seal !== undefined

/** Within each run of one role, results of the caller's tools first. */
function resultsFirst(said: readonly Said[]): Said[] {
  const runs: Said[][] = []
  for (const one of said) {
    if (runs.at(-1)?.[0]?.role === one.role) runs.at(-1)?.push(one)
    else runs.push([one])
  }
  const isResult = ({ block }: Said) => block.type === "tool-result" && block.by !== "provider"
  return runs.flatMap((run) =>
    run[0]?.role === "user" ? [...run.filter(isResult), ...run.filter((one) => !isResult(one))] : run,
  )
}

function plain(fields: Record<string, unknown>, said: readonly Said[]): Regrouped {
  const numbers = new Map<string, string>()
  return {
    fields: canonical(fresh(fields)) as Regrouped["fields"],
    said: said.map(({ block, ...who }) => ({ ...who, block: canonical(numbered(fresh(block), numbers)) as Block })),
  }
}

/** Call ids by order of appearance: what matters is which result belongs to which call. */
function numbered(block: Block, numbers: Map<string, string>): Block {
  if (block.type !== "tool-call" && block.type !== "tool-result") return block
  const number = numbers.get(block.id) ?? `#${numbers.size + 1}`
  numbers.set(block.id, number)
  return { ...block, id: number }
}

const sourceTexts: ReadonlySet<string> = new Set(["input", "schema", "json"])

/** Without keys that say nothing, and with source texts in one spacing. */
function canonical(value: unknown, key = ""): unknown {
  if (typeof value === "string" && sourceTexts.has(key)) return respaced(value)
  if (Array.isArray(value)) return value.map((inner) => canonical(inner))
  if (!isRecord(value) || Object.getPrototypeOf(value) !== Object.prototype) return value
  const kept = Object.entries(value)
    .map(([name, inner]) => [name, canonical(inner, name)] as const)
    .filter(([name, inner]) => name === "cache" || meaningful(inner))
  return Object.fromEntries(kept)
}

function meaningful(value: unknown): boolean {
  if (value === undefined || value === null) return false
  if (Array.isArray(value)) return value.length > 0
  return !isRecord(value) || Object.keys(value).length > 0 || Object.getPrototypeOf(value) !== Object.prototype
}

function respaced(text: string): string {
  try {
    return stringifyJson(parseJson(text) as Json)
  } catch {
    return text
  }
}
