import { bimap, type Exchange } from "../../src/core/exchange.ts"
import { type Notice, notices } from "../../src/core/notice.ts"
import type { Request } from "../../src/core/request.ts"
import type { Wire } from "../../src/core/wire.ts"

export interface Trial extends Exchange {
  list(): readonly Notice[]
}

/** The time at which every trial happens, in seconds. */
export const madeAt = 1_700_000_000

const emptyRequest: Request = { model: "model-under-test", messages: [], pins: [] }

/** An exchange between a client of one wire and an upstream of another, or of the same. */
export function trial(
  client: Wire,
  target: Wire,
  more: { readonly request?: Request; readonly features?: readonly string[] } = {},
): Trial {
  const held = notices()
  const request = more.request ?? emptyRequest
  return {
    request,
    client: client.id,
    ...(client.home === undefined ? {} : { clientHome: client.home }),
    target: {
      wire: target.id,
      model: request.model,
      issuer: target.home ?? target.id,
      limits: {},
      features: new Set(more.features ?? []),
    },
    names: bimap(),
    ids: bimap(),
    emulated: new Set(),
    note: held.note,
    seed: "conformance",
    now: madeAt * 1000,
    list: held.list,
  }
}
