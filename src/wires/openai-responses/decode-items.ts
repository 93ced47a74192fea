import type { Block, PinBlock, ReasoningBlock, Seal, ToolCallBlock, ToolResultBlock } from "../../core/block.ts"
import { fault } from "../../core/error.ts"
import type { Message, Role } from "../../core/message.ts"
import { attach, type Issuer, type Place } from "../../core/node.ts"
import { openEnvelope } from "../../core/seal.ts"
import { asArray, asBoolean, asObject, asString, type Json, type JsonObject, stringifyJson } from "../../lib/json.ts"
import { decodeContent, plainText } from "./decode-blocks.ts"
import { readHosted } from "./decode-hosted.ts"
import { knownCall } from "./lone-calls.ts"
import { restOfShape } from "./rest.ts"
import { sealKind } from "./seals.ts"
import { home, type ItemType, isItemType, itemShapes, wireId } from "./types.ts"

/** How items are read: by whom sealed, in whose account, and which calls the vendor answers itself. */
export interface ItemContext {
  readonly place: Place
  readonly issuer: Issuer
  readonly account?: string
  readonly isProviderCall?: (name: string, namespace: string | undefined) => boolean
  /** The caller's name for a tool, from the name on the wire. */
  readonly toolName?: (name: string) => { readonly name: string; readonly namespace?: string }
  readonly callId?: (id: string) => string
  /** The caller speaks another format, which has no room for all of an item. */
  readonly sealsItems?: true
}

export const requestItems: ItemContext = { place: "request", issuer: home }

/** The type of an item, which an easy message and a bare reference leave out. */
export function itemType(item: JsonObject): string {
  const type = asString(item.type)
  if (type !== undefined) return type
  return "role" in item || !("id" in item) ? "message" : "item_reference"
}

/** One item as a message. Types that the hub does not model ride along as one foreign block. `param`: where a fault is, for a request. */
export function decodeItem(json: Json, context: ItemContext, param: string): Message {
  const item = asObject(json)
  if (!item) {
    if (context.place === "request") throw fault("invalid-request", `${param}: expected an item object`, { param })
    return foreignItem(json, {}, context)
  }
  const type = itemType(item)
  const known = knownCall(item, type, context.place)
  if (known) return known
  const blocks = isItemType(type) ? readItem(item, type, context, param) : undefined
  if (!blocks || !isItemType(type)) return foreignItem(json, item, context)
  const status = readStatus(item.status)
  const id = asString(item.id)
  const pinned = type === "item_reference" || type === "mcp_approval_response"
  const message: Message = {
    role: roleOf(item, type, param),
    blocks,
    ...(id === undefined || id === "" || pinned ? {} : { id }),
    ...(status ? { status } : {}),
  }
  return attach(message, { wire: wireId, place: context.place, json, rest: restOfShape(item, itemShapes[type]) })
}

/** Calls come from the model, their answers from the caller. */
function foreignItem(json: Json, item: JsonObject, context: ItemContext): Message {
  const type = asString(item.type) ?? ""
  const role = context.place === "request" && /_output$|_response$|_trigger$/.test(type) ? "user" : "assistant"
  const block: Block = { type: "foreign", wire: wireId, value: json }
  const id = asString(item.id)
  const ride = { wire: wireId, place: context.place }
  const message: Message = { role, blocks: [attach(block, { ...ride, json })], ...(id ? { id } : {}) }
  return attach(message, { ...ride, json })
}

export function readStatus(json: Json | undefined): Message["status"] {
  if (json === "in_progress") return "in-progress"
  return json === "incomplete" ? "incomplete" : undefined
}

const roles: ReadonlySet<string> = new Set(["system", "developer", "user", "assistant"])

function roleOf(item: JsonObject, type: ItemType, param: string): Role {
  switch (type) {
    case "message": {
      const role = asString(item.role)
      if (role !== undefined && roles.has(role)) return role as Role
      throw fault("invalid-request", `${param}.role: expected system, developer, user or assistant`, { param: `${param}.role` })
    }
    case "function_call_output":
    case "custom_tool_call_output":
    case "mcp_approval_response":
      return "user"
    case "reasoning":
    case "function_call":
    case "custom_tool_call":
    case "compaction":
    case "item_reference":
    case "image_generation_call":
    case "web_search_call":
    case "code_interpreter_call":
    case "file_search_call":
    case "mcp_call":
      return "assistant"
    default:
      return type satisfies never
  }
}

/** The item's blocks; undefined for a modelled type in a shape that is not understood. */
function readItem(item: JsonObject, type: ItemType, context: ItemContext, param: string): readonly Block[] | undefined {
  const { place } = context
  const ride = { wire: wireId, place }
  switch (type) {
    case "message":
      if (context.place === "response" && !roles.has(asString(item.role) ?? "")) return undefined
      return readContent(item, context, param)
    case "reasoning":
      return [attach(readReasoning(item, context), ride)]
    case "function_call":
    case "custom_tool_call":
      return [attach(readCall(item, type === "custom_tool_call", context), ride)]
    case "function_call_output":
    case "custom_tool_call_output":
      return [attach(readResult(item, type === "custom_tool_call_output", context), ride)]
    case "compaction": {
      const seal = readSeal(item, "compaction", context)
      return seal && [attach<Block>({ type: "compaction", seal }, ride)]
    }
    case "item_reference": {
      const id = asString(item.id)
      return id === undefined ? undefined : [attach<Block>(pin("item", id), ride)]
    }
    case "mcp_approval_response":
      return readApproval(item)?.map((block) => attach(block, ride))
    case "image_generation_call":
      return readImage(item)?.map((block) => attach(block, ride))
    case "web_search_call":
    case "code_interpreter_call":
    case "file_search_call":
    case "mcp_call":
      return readHosted(item, type, context)
    default:
      return type satisfies never
  }
}

function readContent(item: JsonObject, { place }: ItemContext, param: string): readonly Block[] {
  const { content } = item
  if (place === "request" && asString(content) === undefined && !asArray(content) && content !== null && content !== undefined)
    throw fault("invalid-request", `${param}.content: expected a string or a list of parts`, { param: `${param}.content` })
  return decodeContent(content, place, decodePhase(item.phase))
}

export function decodePhase(json: Json | undefined): string | undefined {
  const phase = asString(json)
  return phase === "final_answer" ? "final" : phase
}

function readReasoning(item: JsonObject, context: ItemContext): ReasoningBlock {
  const text = (part: Json): string => asString(asObject(part)?.text) ?? ""
  const summary = (asArray(item.summary) ?? []).map((part) => ({ text: text(part), summary: true as const }))
  const content = (asArray(item.content) ?? []).map((part) => ({ text: text(part) }))
  const seal = readSeal(item, sealKind, context)
  return { type: "reasoning", parts: [...summary, ...content], ...(seal ? { seal } : {}) }
}

/** The vendor checks a seal together with the id of its item. */
export function readSeal(item: JsonObject, kind: string, context: ItemContext): Seal | undefined {
  const data = asString(item.encrypted_content)
  if (!data) return undefined
  const id = asString(item.id)
  const { issuer, account, place } = context
  const envelope = place === "response" ? openEnvelope(data) : undefined
  if (envelope) return envelope.seal
  return { issuer, kind, data, ...(id ? { id } : {}), ...(account === undefined ? {} : { account }) }
}

export function readCall(item: JsonObject, free: boolean, context: ItemContext): ToolCallBlock {
  const wireName = asString(item.name) ?? ""
  const space = asString(item.namespace)
  const { name, namespace = space } = space === undefined && context.toolName ? context.toolName(wireName) : { name: wireName }
  const id = asString(item.call_id) ?? ""
  const input = inputText(free ? item.input : item.arguments)
  return {
    type: "tool-call",
    id: context.callId ? context.callId(id) : id,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    input: input === "" && !free ? "{}" : input,
    ...(free ? { form: "text" as const } : {}),
    ...(context.isProviderCall?.(name, namespace) ? { by: "provider" as const } : {}),
  }
}

/** Some servers send the arguments as a value instead of its text. */
export function inputText(json: Json | undefined): string {
  if (json === undefined || json === null) return ""
  return asString(json) ?? stringifyJson(json)
}

function readResult(item: JsonObject, free: boolean, { place }: ItemContext): ToolResultBlock {
  const name = asString(item.name)
  return {
    type: "tool-result",
    id: asString(item.call_id) ?? "",
    ...(name === undefined ? {} : { name }),
    content: asObject(item.output) ? [plainText(inputText(item.output), place)] : decodeContent(item.output, place),
    ...(free ? { form: "text" as const } : {}),
  }
}

const pin = (kind: "item" | "approval", id: string): PinBlock => ({ type: "pin", pin: { kind, id, issuer: home } })

function readApproval(item: JsonObject): readonly Block[] | undefined {
  const id = asString(item.approval_request_id)
  const approve = asBoolean(item.approve)
  if (id === undefined || approve === undefined) return undefined
  const reason = asString(item.reason)
  return [{ ...pin("approval", id), answer: { approve, ...(reason === undefined ? {} : { reason }) } }]
}

/** A finished image; one in the making is known to its own wire alone. */
function readImage(item: JsonObject): readonly Block[] | undefined {
  const data = asString(item.result)
  if (!data) return undefined
  const mime = `image/${asString(item.output_format) ?? "png"}`
  return [{ type: "media", kind: "image", mime, source: { type: "base64", data } }]
}
