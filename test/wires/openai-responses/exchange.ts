import { bimap, type Exchange } from "../../../src/core/exchange.ts"
import { type Notice, notices } from "../../../src/core/notice.ts"
import type { Request } from "../../../src/core/request.ts"
import { home, wireId } from "../../../src/wires/openai-responses/types.ts"

export const emptyRequest: Request = { model: "m", messages: [], pins: [] }

/** One try between a client and a target, of this wire both unless said otherwise, and the notices it raised. */
export function exchangeFor(
  request: Request = emptyRequest,
  more: { client?: string; wire?: string; issuer?: string; account?: string; features?: readonly string[] } = {},
): { exchange: Exchange; list: () => readonly Notice[] } {
  const { note, list } = notices()
  const exchange: Exchange = {
    request,
    client: more.client ?? wireId,
    clientHome: home,
    target: {
      wire: more.wire ?? wireId,
      model: request.model,
      issuer: more.issuer ?? home,
      ...(more.account === undefined ? {} : { account: more.account }),
      limits: {},
      features: new Set(more.features ?? []),
    },
    names: bimap(),
    ids: bimap(),
    emulated: new Set(),
    note,
    seed: "seed",
    now: 1_700_000_000_000,
  }
  return { exchange, list }
}
