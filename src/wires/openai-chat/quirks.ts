import { type Exchange, fromToolKey } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import type { NoticeCode } from "../../core/notice.ts"
import type { Quirk } from "../../core/provider.ts"
import { asArray, asObject, asString, type Json, type JsonObject, stringifyJson } from "../../lib/json.ts"
import { members } from "./types.ts"

const tell = (exchange: Exchange, code: NoticeCode, path: string, effect: "adapted" | "dropped"): void =>
  exchange.note({ code, path, effect, side: "request" })

const without = (body: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([key]) => !keys.includes(key)))

/** Sends a field under another name, such as the older `max_tokens`. A body that has the other name already keeps it. */
export const renameField =
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

/** Takes out `parallel_tool_calls`. */
export const noParallelTools: Quirk = dropFields("parallel_tool_calls")

const eachMessage = (body: JsonObject, change: (message: JsonObject) => readonly Json[]): JsonObject => {
  const messages = asArray(body.messages)
  if (!messages) return body
  return { ...body, messages: messages.flatMap((json) => (asObject(json) ? change(asObject(json) ?? {}) : [json])) }
}

/** Sends `developer` messages as `system` ones. */
export const developerToSystem: Quirk = (body) =>
  eachMessage(body, (message) => [message.role === "developer" ? { ...message, role: "system" } : message])

/** Takes keys out of every message, such as thinking that a vendor refuses in a history. */
export const dropMessageFields =
  (...keys: readonly string[]): Quirk =>
  (body, exchange) =>
    eachMessage(body, (message) => {
      const present = keys.filter((key) => message[key] !== undefined)
      if (present.length === 0) return [message]
      for (const key of present) if (message[key] !== null) tell(exchange, "field-unsupported", `messages[*].${key}`, "dropped")
      return [without(message, present)]
    })

/** Takes thinking out of the history. */
export const noReasoningHistory: Quirk = dropMessageFields("reasoning_content", "reasoning", "reasoning_details")

/** Sends thinking in a history under one name of the vendor's, and nothing else of it. */
export const reasoningAs =
  (key: "reasoning_content" | "reasoning"): Quirk =>
  (body) =>
    eachMessage(body, (message) => {
      const text = message.reasoning_content ?? message.reasoning
      const plain = without(message, ["reasoning_content", "reasoning", "reasoning_details"])
      return [text === undefined ? plain : { ...plain, [key]: text }]
    })

/** Takes out cache marks, which strict servers refuse as unknown fields. */
export const noCacheMarks: Quirk = (body, exchange) => {
  let isFound = false
  const clean = (json: Json): Json => {
    const source = asObject(json)
    if (!source || (source.cache_control === undefined && source.prompt_cache_breakpoint === undefined)) return json
    isFound = true
    return without(source, ["cache_control", "prompt_cache_breakpoint"])
  }
  const cleaned = eachMessage(body, (message) => {
    const whole = asObject(clean(message)) ?? message
    const parts = asArray(whole.content)
    return [parts ? { ...whole, content: parts.map(clean) } : whole]
  })
  const tools = asArray(cleaned.tools)
  const done = asObject(clean(tools ? { ...cleaned, tools: tools.map(clean) } : cleaned)) ?? cleaned
  if (isFound) tell(exchange, "cache-unsupported", "messages[*].blocks[*].cache", "dropped")
  return isFound ? done : body
}

/** Joins content that is only text parts to one string, for servers that take nothing else. */
export const textAsString: Quirk = (body) =>
  eachMessage(body, (message) => {
    const texts = asArray(message.content)?.map((part) => {
      const source = asObject(part)
      return source?.type === "text" ? asString(source.text) : undefined
    })
    if (!texts || texts.length === 0 || !texts.every((text) => text !== undefined)) return [message]
    return [{ ...message, content: texts.join("\n") }]
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

/** Sends `required` in the vendor's own word. */
export const toolChoiceWord =
  (word: string): Quirk =>
  (body) =>
    body.tool_choice === "required" ? { ...body, tool_choice: word } : body

/** Sends a schema for the answer as plain JSON mode. */
export const schemaAsJson: Quirk = (body, exchange) => {
  if (asObject(body.response_format)?.type !== "json_schema") return body
  tell(exchange, "field-adapted", "output.schema", "adapted")
  return { ...body, response_format: { type: "json_object" } }
}

/** Gives inline files a name, which the format's vendor demands. */
export const nameFiles =
  (name: string): Quirk =>
  (body) =>
    eachMessage(body, (message) => {
      const parts = asArray(message.content)
      if (!parts?.some((part) => asObject(part)?.type === "file")) return [message]
      return [{ ...message, content: parts.map((part) => namedFile(part, name)) }]
    })

function namedFile(part: Json, name: string): Json {
  const source = asObject(part)
  const file = source?.type === "file" ? asObject(source.file) : undefined
  if (!file || file.file_data === undefined || file.filename !== undefined) return part
  return { ...source, file: { ...file, filename: name } }
}

/** Tool-call ids of exactly so many letters and digits, for vendors that check them. */
export const shortCallIds =
  (length: number): Quirk =>
  (body, exchange) => {
    const fit = new RegExp(`^[A-Za-z0-9]{${length}}$`)
    const short = (json: Json | undefined): Json | undefined => {
      const id = asString(json)
      if (id === undefined || fit.test(id)) return json
      const made = deriveId("call", "short", id).slice(-length)
      exchange.ids.set(id, made)
      tell(exchange, "tool-id-adapted", "messages[*].blocks[*].id", "adapted")
      return made
    }
    return eachMessage(body, (message) => {
      const calls = asArray(message.tool_calls)?.map((call) => ({
        ...asObject(call),
        ...members({ id: short(asObject(call)?.id) }),
      }))
      const ids = { tool_calls: calls, tool_call_id: short(message.tool_call_id) }
      return [{ ...message, ...members(ids) }]
    })
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
