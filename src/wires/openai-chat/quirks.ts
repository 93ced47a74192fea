import { type Exchange, fromToolKey } from "../../core/exchange.ts"
import type { NoticeCode } from "../../core/notice.ts"
import type { Quirk } from "../../core/provider.ts"
import { asArray, asObject, asString, type Json, type JsonObject, stringifyJson } from "../../lib/json.ts"
import { members } from "./types.ts"

const tell = (exchange: Exchange, code: NoticeCode, path: string, effect: "adapted" | "dropped"): void =>
  exchange.note({ code, path, effect, side: "request" })

const without = (body: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([key]) => !keys.includes(key)))

/** Sends a field under another name, such as the older `max_tokens`. A body that has the other name already keeps it. */
const renameField =
  (from: string, to: string): Quirk =>
  (body) => {
    if (body[from] === undefined) return body
    if (body[to] !== undefined) return without(body, [from])
    return Object.fromEntries(Object.entries(body).map(([key, value]) => [key === from ? to : key, value]))
  }

/** The output limit as most servers know it. */
export const olderLimit: Quirk = renameField("max_completion_tokens", "max_tokens")

/** The output limit as reasoning models of the format's vendor demand it. */
export const newerLimit: Quirk = renameField("max_tokens", "max_completion_tokens")

/** Takes out top-level fields that the vendor refuses, with a notice for each that said something. */
export const dropFields =
  (...keys: readonly string[]): Quirk =>
  (body, exchange) => {
    const present = keys.filter((key) => body[key] !== undefined)
    if (present.length === 0) return body
    for (const key of present) if (body[key] !== null) tell(exchange, "field-unsupported", key, "dropped")
    return without(body, present)
  }

const eachMessage = (body: JsonObject, change: (message: JsonObject) => readonly Json[]): JsonObject => {
  const messages = asArray(body.messages)
  if (!messages) return body
  return { ...body, messages: messages.flatMap((json) => (asObject(json) ? change(asObject(json) ?? {}) : [json])) }
}

/** Sends `developer` messages as `system` ones. */
export const developerToSystem: Quirk = (body) =>
  eachMessage(body, (message) => [message.role === "developer" ? { ...message, role: "system" } : message])

/** Takes keys out of every message that a vendor refuses there. */
export const dropMessageFields =
  (...keys: readonly string[]): Quirk =>
  (body, exchange) =>
    eachMessage(body, (message) => {
      const present = keys.filter((key) => message[key] !== undefined)
      if (present.length === 0) return [message]
      for (const key of present) if (message[key] !== null) tell(exchange, "field-unsupported", `messages[*].${key}`, "dropped")
      return [without(message, present)]
    })

/** Sends thinking in a history under one name of the vendor's, and nothing else of it. */
export const reasoningAs =
  (key: "reasoning_content" | "reasoning"): Quirk =>
  (body) =>
    eachMessage(body, (message) => {
      const text = message.reasoning_content ?? message.reasoning
      const plain = without(message, ["reasoning_content", "reasoning", "reasoning_details"])
      return [text === undefined ? plain : { ...plain, [key]: text }]
    })

/** Moves images and files out of tool results into a user message after them, for vendors that take only text there. */
export const mediaAfterResults: Quirk = (body, exchange) => {
  const messages = asArray(body.messages)
  if (!messages) return body
  const result: Json[] = []
  let held: Json[] = []
  const release = (): void => {
    if (held.length > 0) result.push({ role: "user", content: held })
    held = []
  }
  for (const json of messages) {
    const message = asObject(json)
    if (message?.role !== "tool") release()
    const parts = message?.role === "tool" ? asArray(message.content) : undefined
    const media = parts?.filter((part) => asObject(part)?.type !== "text") ?? []
    if (!message || !parts || media.length === 0) {
      result.push(json)
      continue
    }
    tell(exchange, "block-adapted", "messages[*].blocks[*].content[*]", "adapted")
    const texts = parts.filter((part) => !media.includes(part))
    result.push({ ...message, content: texts.length > 0 ? texts : "See the attachment that follows." })
    held.push(...media)
  }
  release()
  return { ...body, messages: result }
}

/** Sends free-text tools as functions with one string, and marks them so that the answer is turned back. */
export const customAsFunction: Quirk = (body, exchange) => {
  const tools = asArray(body.tools)
  const isCustom = (json: Json): boolean => asObject(json)?.type === "custom"
  const names = new Set(tools?.filter(isCustom).map((json) => asString(asObject(asObject(json)?.custom)?.name) ?? ""))
  if (!tools || names.size === 0) return body
  for (const name of names) exchange.emulated.add(`custom-tool:${name}`)
  for (const name of names) tell(exchange, "emulated", `tools[*].${fromToolKey(exchange.names.ours(name)).name}`, "adapted")
  const choice = asObject(body.tool_choice)
  const changed = { ...body, tools: tools.map((tool) => (isCustom(tool) ? asFunction(tool) : tool)) }
  const chosen = choice?.type === "custom" ? { tool_choice: { type: "function", function: choice.custom ?? null } } : {}
  return eachMessage({ ...changed, ...chosen }, (message) => {
    const calls = asArray(message.tool_calls)
    return [
      calls?.some(isCustom)
        ? { ...message, tool_calls: calls.map((call) => (isCustom(call) ? callAsFunction(call) : call)) }
        : message,
    ]
  })
}

function asFunction(json: Json): Json {
  const custom = asObject(asObject(json)?.custom) ?? {}
  const grammar = asObject(asObject(custom.format)?.grammar)
  const rule = grammar
    ? `The input must match this ${asString(grammar.syntax) ?? ""} grammar:\n${asString(grammar.definition) ?? ""}`
    : undefined
  const description = [asString(custom.description), rule].filter((text) => text !== undefined).join("\n\n")
  const parameters = {
    type: "object",
    properties: { input: { type: "string", description: "The tool's input as free text." } },
    required: ["input"],
    additionalProperties: false,
  }
  return { type: "function", function: members({ name: custom.name, description: description || undefined, parameters }) }
}

function callAsFunction(json: Json): Json {
  const { custom, ...call } = asObject(json) ?? {}
  const inner = asObject(custom) ?? {}
  const text = stringifyJson({ input: inner.input ?? "" })
  return { ...call, type: "function", function: { name: inner.name ?? "", arguments: text } }
}
