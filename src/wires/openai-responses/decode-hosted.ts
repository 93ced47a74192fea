import type { Block, Seal, ToolCallBlock, ToolResultBlock } from "../../core/block.ts"
import { attach, type Issuer, type Place } from "../../core/node.ts"
import { asArray, asObject, asString, type Json, type JsonObject, stringifyJson } from "../../lib/json.ts"
import { type HostedType, hostedKeys, hostedNames, itemSeal } from "./hosted.ts"
import { restOfShape } from "./rest.ts"
import { hostedPartShape, wireId } from "./types.ts"

export interface HostedContext {
  readonly place: Place
  readonly issuer: Issuer
  readonly account?: string
  /** For a caller of another format, who has no room for the rest of the item: it travels as a seal. */
  readonly sealsItems?: true
}

/** The call and, where the item tells it, its result; undefined for an item in the making or of a shape that is not understood. */
export function readHosted(item: JsonObject, type: HostedType, context: HostedContext): readonly Block[] | undefined {
  const id = asString(item.id)
  const input = inputOf(item, type)
  if (id === undefined || id === "" || input === undefined) return undefined
  const ride = { wire: wireId, place: context.place }
  const server = type === "mcp_call" ? asString(item.server_label) : undefined
  const seal = context.sealsItems ? sealOf(item, type, context) : undefined
  const call: ToolCallBlock = {
    type: "tool-call",
    id,
    name: type === "mcp_call" ? (asString(item.name) ?? "") : hostedNames[type],
    ...(server === undefined ? {} : { namespace: server }),
    input,
    by: "provider",
    ...(seal ? { seal } : {}),
  }
  const content = contentOf(item, type, context.place)
  const failed = item.status === "failed" || (type === "mcp_call" && isMeant(item.error))
  if (!content && !failed) return [attach<Block>(call, ride)]
  const result: ToolResultBlock = {
    type: "tool-result",
    id,
    name: hostedNames[type],
    content: content ?? [],
    by: "provider",
    ...(failed ? { failed } : {}),
  }
  return [attach<Block>(call, ride), attach<Block>(result, ride)]
}

const isMeant = (json: Json | undefined): boolean => json !== null && json !== undefined

/** Some vendors give the arguments of every tool as text. */
function inputOf(item: JsonObject, type: HostedType): string | undefined {
  const text = asString(item.arguments)
  switch (type) {
    case "web_search_call": {
      const action = asObject(item.action)
      if (!action) return text
      const { sources: _, ...input } = action
      return stringifyJson(input)
    }
    case "code_interpreter_call": {
      const code = asString(item.code)
      return code === undefined ? text : stringifyJson({ code })
    }
    case "file_search_call":
      return asArray(item.queries) ? stringifyJson({ queries: item.queries ?? [] }) : undefined
    case "mcp_call":
      return text
    default:
      return type satisfies never
  }
}

function contentOf(item: JsonObject, type: HostedType, place: Place): readonly Block[] | undefined {
  const part = (block: Block, json: Json): Block =>
    attach(block, { wire: wireId, place, json, rest: restOfShape(json, hostedPartShape) })
  const listed = (json: Json | undefined, read: (one: JsonObject) => Block | undefined): readonly Block[] | undefined => {
    const list = asArray(json)
    if (!list || list.length === 0) return undefined
    return list.map((one) => part(read(asObject(one) ?? {}) ?? { type: "foreign", wire: wireId, value: one }, one))
  }
  switch (type) {
    case "web_search_call":
      return listed(asObject(item.action)?.sources, readSource)
    case "code_interpreter_call":
      return listed(item.outputs, readOutput)
    case "file_search_call":
      return asArray(item.results)?.length ? [part({ type: "data", json: stringifyJson(item.results ?? []) }, null)] : undefined
    case "mcp_call": {
      const text = asString(isMeant(item.error) ? errorText(item.error ?? null) : item.output)
      return text === undefined ? undefined : [attach<Block>({ type: "text", text }, { wire: wireId, place })]
    }
    default:
      return type satisfies never
  }
}

const errorText = (json: Json): string => asString(json) ?? asString(asObject(json)?.message) ?? stringifyJson(json)

function readSource(source: JsonObject): Block | undefined {
  const url = asString(source.url)
  return source.type === "url" && url !== undefined
    ? { type: "media", kind: "document", source: { type: "url", url } }
    : undefined
}

function readOutput(output: JsonObject): Block | undefined {
  const logs = asString(output.logs)
  if (output.type === "logs" && logs !== undefined) return { type: "text", text: logs }
  const url = asString(output.url)
  return output.type === "image" && url !== undefined ? { type: "media", kind: "image", source: { type: "url", url } } : undefined
}

/** What is left of the item when its call and its result are taken out: the vendor wants it back with them. */
function sealOf(item: JsonObject, type: HostedType, { issuer, account }: HostedContext): Seal {
  const rest = Object.fromEntries(Object.entries(item).filter(([key]) => !hostedKeys[type].includes(key)))
  return { issuer, kind: itemSeal, data: stringifyJson(rest), ...(account === undefined ? {} : { account }) }
}
