import { bimap, type Exchange, type ExchangeTarget } from "../../../src/core/exchange.ts"
import { type Notice, notices } from "../../../src/core/notice.ts"
import type { Request } from "../../../src/core/request.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"

export interface Told extends Exchange {
  /** The notices raised so far, as `code path`. */
  told(): readonly string[]
}

export const asked: Request = { model: "m", messages: [], pins: [] }

/** A try whose client speaks another format, unless told otherwise. */
export function exchangeOf(
  request: Request = asked,
  more: { client?: string; clientHome?: string; target?: Partial<ExchangeTarget>; features?: readonly string[] } = {},
): Told {
  const held = notices()
  const target = { wire: anthropicMessages.id, model: "claude", issuer: "anthropic", limits: {}, ...more.target }
  return {
    request,
    client: more.client ?? "openai-chat",
    clientHome: more.clientHome ?? "openai",
    target: { ...target, features: new Set(more.features ?? []) },
    names: bimap(),
    ids: bimap(),
    emulated: new Set(),
    note: held.note,
    seed: "seed",
    now: 0,
    told: () => held.list().map((notice: Notice) => `${notice.code} ${notice.path}`),
  }
}

/** A try whose client speaks this format and whose vendor does not. */
export const towardsClient = (): Told =>
  exchangeOf(asked, { client: anthropicMessages.id, clientHome: "anthropic", target: { wire: "openai-chat", issuer: "openai" } })
