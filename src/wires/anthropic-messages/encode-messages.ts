import type { Block } from "../../core/block.ts"
import { withOwnCallIds } from "../../core/call-ids.ts"
import { type FieldTable, noteRest, project } from "../../core/lens.ts"
import type { Message } from "../../core/message.ts"
import { nothing, originOf } from "../../core/node.ts"
import type { Request } from "../../core/request.ts"
import { asObject, asString, type Json } from "../../lib/json.ts"
import { contentOf, encodeBlocks } from "./encode-blocks.ts"
import { type Container, containersOf, isNativeMessage } from "./turn-order.ts"
import { type EncodeContext, inside, wireId } from "./types.ts"

const blockPath = "messages[*].blocks[*]"
const systemPath = "instructions[*]"

export interface Conversation {
  readonly system?: Json
  readonly messages: readonly Json[]
}

/** The system field and the messages. Leading system messages join the system field: nothing comes before them there. */
export function encodeConversation(request: Request, context: EncodeContext): Conversation {
  const lead = leading(request.messages, context)
  for (const message of request.messages) noteMessage(message, context)
  const system = encodeSystem(request, request.messages.slice(0, lead), context)
  const rest = lead === 0 ? request.messages : request.messages.slice(lead)
  const said = context.exchange.client === wireId ? rest : withOwnCallIds(rest, context.note)
  const containers = containersOf(said, inside(context, "messages[*]"))
  const messages: Json[] = []
  for (const container of containers) for (const json of encodeContainer(container, context)) messages.push(json)
  const trimmed = trimmedEnd(messages, containers, context)
  return system === undefined ? { messages: trimmed } : { system, messages: trimmed }
}

/** How many messages at the start belong in the system field. One that was in the messages of this wire stays there if it may. */
function leading(messages: readonly Message[], context: EncodeContext): number {
  const mayStay = context.exchange.target.features.has("mid-system")
  let count = 0
  for (const message of messages) {
    if (message.role !== "system" && message.role !== "developer") break
    if (mayStay && isNativeMessage(message)) break
    count += 1
  }
  return count
}

/** What no message of this wire can carry. */
function noteMessage(message: Message, context: EncodeContext): void {
  const path = "messages[*]"
  if (!isNativeMessage(message)) noteRest(message, context, path)
  if (message.name !== undefined)
    context.note({ code: "field-unsupported", path: `${path}.name`, effect: "dropped", side: "request" })
}

function encodeSystem(request: Request, lead: readonly Message[], context: EncodeContext): Json | undefined {
  const from = originOf(request)
  const source = from?.wire === wireId ? asObject(from.json)?.system : undefined
  if (lead.length === 0 && !request.instructions && source === undefined) return undefined
  if (lead.some((message) => message.role === "developer"))
    context.note({ code: "message-role-adapted", path: "messages[*].role", effect: "adapted", side: "request" })
  const own = encodeBlocks(request.instructions ?? [], inside(context, systemPath))
  const joined = encodeBlocks(
    lead.flatMap((message) => message.blocks),
    inside(context, blockPath),
  )
  const content = contentOf([...own, ...joined], source)
  return Array.isArray(content) && content.length === 0 && source === undefined ? undefined : content
}

const messageTable: FieldTable = { role: ["role"], blocks: ["content"] }

/** None where nothing of the message is left. */
function encodeContainer(container: Container, context: EncodeContext): readonly Json[] {
  const encoded = encodeBlocks(container.blocks, inside(context, blockPath))
  if (encoded.length === 0 && (container.blocks.length > 0 || !container.native)) return []
  const source = asObject(container.native && originOf(container.native)?.json)
  const content = contentOf(encoded, source?.content)
  if (!container.native || !source) return [{ role: container.role, content: content ?? [] }]
  const native = container.native
  if (content === source.content || isSameText(content, source.content)) {
    const json = project(native, context, { role: ["role"] }, () => ({ role: container.role }))
    return [json]
  }
  const built = { role: container.role, ...(content === undefined ? {} : { content }) }
  const json = asObject(project(native, context, messageTable, () => built)) ?? built
  return [json.content === content || content === undefined ? json : { ...json, content }]
}

const isSameText = (left: Json | undefined, right: Json | undefined): boolean =>
  asString(left) !== undefined && asString(left) === asString(right)

/** The vendor refuses whitespace at the end of a prefilled answer. */
function trimmedEnd(messages: readonly Json[], containers: readonly Container[], context: EncodeContext): readonly Json[] {
  const last = containers.at(-1)
  const message = asObject(messages.at(-1))
  if (!last || last.native || last.role !== "assistant" || message?.role !== "assistant") return messages
  const content = trimmedContent(message.content)
  if (content === undefined) return messages
  context.note({ code: "block-adapted", path: `${blockPath}.text`, effect: "adapted", side: "request" })
  const isEmpty = content === "" || (Array.isArray(content) && content.length === 0)
  return isEmpty ? messages.slice(0, -1) : [...messages.slice(0, -1), { ...message, content }]
}

/** Undefined when there is nothing to trim. */
function trimmedContent(content: Json | undefined): Json | undefined {
  const text = asString(content)
  if (text !== undefined) return text.trimEnd() === text ? undefined : text.trimEnd()
  if (!Array.isArray(content)) return undefined
  const block = asObject(content.at(-1))
  const end = block?.type === "text" ? asString(block.text) : undefined
  if (!block || end === undefined || end.trimEnd() === end) return undefined
  return end.trim() === "" ? content.slice(0, -1) : [...content.slice(0, -1), { ...block, text: end.trimEnd() }]
}

/** Cache marks the vendor takes in one request. https://platform.claude.com/docs/en/build-with-claude/prompt-caching */
const maxMarks = 4

/** Takes marks off the front of the messages until few enough are left; tools and instructions keep theirs. */
export function withFewMarks(request: Request, context: EncodeContext): Request {
  let fixed = (request.cache ? 1 : 0) + countMarks(request.instructions ?? nothing)
  for (const tool of request.tools ?? nothing) if (tool.cache) fixed += 1
  let inMessages = 0
  for (const { blocks } of request.messages) inMessages += countMarks(blocks)
  const surplus = Math.min(inMessages, Math.max(0, fixed + inMessages - maxMarks))
  return surplus === 0 ? request : withoutMarks(request, surplus, context)
}

function withoutMarks(request: Request, count: number, context: EncodeContext): Request {
  let surplus = count
  context.note({ code: "cache-unsupported", path: `${blockPath}.cache`, effect: "dropped", side: "request" })
  const unmark = (block: Block): Block => {
    if (block.type === "tool-result" && block.content.some((inner) => inner.cache))
      return { ...block, content: block.content.map(unmark) }
    if (surplus === 0 || !block.cache) return block
    surplus--
    const { cache: _, ...rest } = block
    return rest as Block
  }
  const messages = request.messages.map((message) =>
    surplus > 0 && countMarks(message.blocks) > 0 ? { ...message, blocks: message.blocks.map(unmark) } : message,
  )
  return { ...request, messages }
}

function countMarks(blocks: readonly Block[]): number {
  let count = 0
  for (const block of blocks) {
    if (block.cache) count += 1
    if (block.type === "tool-result") count += countMarks(block.content)
  }
  return count
}
