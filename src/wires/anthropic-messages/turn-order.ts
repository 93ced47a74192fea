import { type Block, isCall, isResult } from "../../core/block.ts"
import type { Message } from "../../core/message.ts"
import { originOf } from "../../core/node.ts"
import { resultsFirst } from "../../core/turns.ts"
import type { EncodeContext } from "./types.ts"
import { wireId } from "./types.ts"

/** What becomes one message of the wire: a message of its own as it was, or neighbours of one role from elsewhere. */
export interface Container {
  readonly role: "user" | "assistant" | "system"
  /** The message it was decoded from; absent where the blocks come from elsewhere. */
  readonly native?: Message
  readonly blocks: readonly Block[]
}

export const isNativeMessage = (message: Message): boolean => {
  const from = originOf(message)
  return from?.wire === wireId && from.place === "request" && from.json !== undefined
}

/** Messages as the vendor wants them: neighbours from elsewhere are one turn, results stand first in the turn after their calls. */
export function containersOf(messages: readonly Message[], context: EncodeContext): readonly Container[] {
  const merged: Container[] = []
  for (const message of messages) {
    const role = roleOf(message, context)
    const isNative = isNativeMessage(message) && role === message.role
    put(merged, isNative ? { role, native: message, blocks: message.blocks } : { role, blocks: message.blocks })
  }
  for (let index = 0; index < merged.length; index++) merged[index] = inOrder(merged[index] as Container, context)
  return merged.some(callsTool) ? resultsAfterCalls(merged, context) : merged
}

/** Puts one after the others, or into the last of them. */
function put(containers: Container[], { role, native, blocks }: Container): void {
  const last = containers.at(-1)
  if (native) containers.push({ role, native, blocks })
  else if (last && !last.native && last.role === role && role !== "system")
    containers[containers.length - 1] = { role, blocks: [...last.blocks, ...blocks] }
  else containers.push({ role, blocks })
}

const callsTool = ({ role, blocks }: Container): boolean => role === "assistant" && blocks.some(isCall)

/** A system message keeps its place. Where the vendor takes none there, the user says it. */
function roleOf(message: Message, context: EncodeContext): Container["role"] {
  switch (message.role) {
    case "user":
    case "assistant":
      return message.role
    case "system":
    case "developer": {
      const isTaken = context.exchange.target.features.has("mid-system")
      if (!isTaken || message.role === "developer")
        context.note({ code: "message-role-adapted", path: "messages[*].role", effect: "adapted", side: "request" })
      return isTaken ? "system" : "user"
    }
    default:
      return message.role satisfies never
  }
}

function inOrder(container: Container, context: EncodeContext): Container {
  if (container.native) return container
  const blocks = container.role === "user" ? resultsFirst(container.blocks) : thinkingFirst(container)
  if (blocks.some((block, index) => block !== container.blocks[index])) noteOrder(context)
  const kept = container.role === "assistant" ? withoutLastThought(blocks, context) : blocks
  return kept === container.blocks ? container : { role: container.role, blocks: kept }
}

/** The vendor refuses a message that ends with thinking, as one does whose answer was cut off. */
function withoutLastThought(blocks: readonly Block[], context: EncodeContext): readonly Block[] {
  const end = blocks.findLastIndex((block) => block.type !== "reasoning") + 1
  if (!blocks.slice(end).some((block) => block.seal)) return blocks // what nobody signed is left out anyway
  context.note({ code: "block-unsupported", path: `${context.path}.blocks[*]`, effect: "dropped", side: "request" })
  return blocks.slice(0, end)
}

/** A turn that calls a tool must begin with its thinking. */
function thinkingFirst({ role, blocks }: Container): readonly Block[] {
  if (role !== "assistant" || blocks[0]?.type === "reasoning" || !blocks.some(isCall)) return blocks
  const isThinking = (block: Block) => block.type === "reasoning" && block.seal !== undefined
  if (!blocks.some(isThinking)) return blocks
  return [...blocks.filter(isThinking), ...blocks.filter((block) => !isThinking(block))]
}

const answers = ({ blocks }: Container): boolean => blocks.some(isResult)

/** Whatever else stands between calls and their results goes after these. */
function resultsAfterCalls(containers: readonly Container[], context: EncodeContext): readonly Container[] {
  const result: Container[] = []
  for (let index = 0; index < containers.length; ) {
    const container = containers[index] as Container
    result.push(container)
    index++
    if (!callsTool(container)) continue
    let end = index
    while (end < containers.length && containers[end]?.role !== "assistant") end++
    const run = containers.slice(index, end)
    const ordered = [...run.filter(answers), ...run.filter((other) => !answers(other))]
    index += run.length
    if (ordered.every((other, at) => other === run[at])) {
      result.push(...run)
      continue
    }
    noteOrder(context)
    for (const other of ordered) put(result, other)
  }
  return result
}

const noteOrder = (context: EncodeContext): void =>
  context.note({ code: "message-order-adapted", path: "messages[*]", effect: "adapted", side: "request" })
