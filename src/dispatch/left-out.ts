import type { Note } from "../core/notice.ts"
import type { Request } from "../core/request.ts"

/** The same request with no seal in its history: for the one new try after a vendor refused one. */
export function withoutSeals(request: Request): Request {
  const messages = request.messages.map((message) => {
    if (!message.blocks.some((block) => block.seal)) return message
    return { ...message, blocks: message.blocks.map(({ seal: _, ...block }) => block as (typeof message.blocks)[number]) }
  })
  return { ...request, messages }
}

/** Whether a request says anything of thinking: asks for it, or holds some in its history. */
export const saysThinking = ({ reasoning, messages }: Request): boolean =>
  reasoning !== undefined || messages.some(({ blocks }) => blocks.some(({ type }) => type === "reasoning"))

/** What a request says of thinking, in a few words: a model that refuses one wish may well know another, or thoughts only where they are its own. */
export function thinkingIn({ reasoning, messages }: Request): string {
  const wish = reasoning?.effort?.slice(0, longestWish) ?? (reasoning?.budget === undefined ? "none" : "budget")
  return messages.some(({ blocks }) => blocks.some(({ type }) => type === "reasoning")) ? `${wish}, with thoughts` : wish
}

const longestWish = 32

/**
 * The same request for a model that does not think: without the wish for it, and without thoughts in its history but for those that carry a
 * seal of the target's issuer. A message of nothing else goes with them.
 */
export function withoutThinking({ reasoning, ...request }: Request, issuer: string, note: Note): Request {
  if (reasoning) note({ code: "field-unsupported", path: "reasoning", effect: "dropped", side: "request" })
  const messages = request.messages.flatMap((message) => {
    const blocks = message.blocks.filter((block) => block.type !== "reasoning" || block.seal?.issuer === issuer)
    if (blocks.length === message.blocks.length) return [message]
    note({ code: "block-unsupported", path: "messages[*].blocks[*]", effect: "dropped", side: "request" })
    return blocks.length === 0 ? [] : [{ ...message, blocks }]
  })
  return { ...request, messages }
}
