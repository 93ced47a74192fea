import { type Block, isResult } from "../../core/block.ts"
import type { ExchangeTarget } from "../../core/exchange.ts"
import { holdsCall, type Message } from "../../core/message.ts"
import { originOf } from "../../core/node.ts"
import type { ReasoningOptions, Request } from "../../core/request.ts"
import { wantedBudget } from "./reasoning.ts"
import { liveSeal, reasoningText } from "./seals.ts"
import { type EncodeContext, wireId } from "./types.ts"

/**
 * The request without thinking by a budget, where the vendor would refuse it: a turn that goes on after calls has to begin with the thinking that led
 * to them, and there is none that this vendor has signed. A caller of its own who sent none has been told so by its documentation.
 * https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking#validation-changes
 */
export function withThinkingKept(request: Request, context: EncodeContext): Request {
  const { reasoning } = request
  const { target } = context.exchange
  if (!reasoning || (wantedBudget(reasoning, target.features) ?? 0) <= 0) return request
  const begun = turnGoingOn(request.messages)
  if (!begun || begun.some(({ blocks }) => blocks.some((block) => isKept(block, target)))) return request
  const isOwn = originOf(request)?.wire === wireId
  if (isOwn && !begun.some(({ blocks }) => blocks.some(({ type }) => type === "reasoning"))) return request
  return withoutBudget(request, reasoning, context)
}

/** The messages with which the model's turn began, and those with its last calls; undefined where the last calls are not what is being answered. */
function turnGoingOn(messages: readonly Message[]): readonly Message[] | undefined {
  const last = messages.findLastIndex(({ role }) => role === "assistant")
  if (last < 0 || !messages.slice(last + 1).some(answers)) return undefined
  const start = messages.findLastIndex((message, index) => index < last && message.role === "user" && !answers(message)) + 1
  const first = messages.findIndex(({ role }, index) => index >= start && role === "assistant")
  const run = [...stretch(messages, first, 1), ...stretch(messages, last, -1)]
  return run.some(({ blocks }) => holdsCall(blocks)) ? run : undefined
}

const answers = ({ blocks }: Message): boolean => blocks.some(isResult)

/** The messages of the assistant's that stand together, from one of them on. */
function stretch(messages: readonly Message[], from: number, by: 1 | -1): readonly Message[] {
  const found: Message[] = []
  for (let index = from; messages[index]?.role === "assistant"; index += by) found.push(messages[index] as Message)
  return found
}

/** Whether the vendor gets the thinking back. */
function isKept(block: Block, { issuer, account, features }: ExchangeTarget): boolean {
  if (block.type !== "reasoning") return false
  const seal = liveSeal(block)
  if (!seal) return features.has("unsigned-thinking") && reasoningText(block) !== ""
  return seal.issuer === issuer && (seal.account === undefined || account === undefined || seal.account === account)
}

function withoutBudget(request: Request, reasoning: ReasoningOptions, { note, exchange }: EncodeContext): Request {
  const { reasoning: _, ...rest } = request
  const { effort, ...others } = reasoning
  const keepsEffort = effort !== undefined && !exchange.target.features.has("thinking-budget")
  for (const field of Object.keys(keepsEffort ? others : reasoning))
    note({ code: "field-unsupported", path: `reasoning.${field}`, effect: "dropped", side: "request" })
  return keepsEffort ? { ...rest, reasoning: { effort } } : rest
}
