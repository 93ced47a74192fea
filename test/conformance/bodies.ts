import { fresh } from "../../src/core/node.ts"
import { type Notice, notices } from "../../src/core/notice.ts"
import type { Request } from "../../src/core/request.ts"
import type { Response } from "../../src/core/response.ts"
import type { Wire } from "../../src/core/wire.ts"
import type { Json } from "../../src/lib/json.ts"
import { trial } from "./exchange.ts"
import { type Fixture, jsonOf } from "./fixtures.ts"
import type { LawContext } from "./law.ts"

export type Body = Request | Response

/** Decodes, and encodes again for the same wire, whichever kind of body it is. */
export interface Codec<T extends Body = Body> {
  readonly source: Json
  readonly value: T
  readonly notices: readonly Notice[]
  encode(value: T): { body: Json; notices: readonly Notice[] }
  decode(body: Json): T
}

export function codecOf({ wire, features }: LawContext, fixture: Fixture): Codec {
  return fixture.kind === "request" ? requestCodec(wire, jsonOf(fixture), features) : responseCodec(wire, jsonOf(fixture))
}

export function requestCodec(wire: Wire, source: Json, features: readonly string[]): Codec<Request> {
  const held = notices()
  const value = wire.request.decode(source, held.note)
  return {
    source,
    value,
    notices: held.list(),
    encode(request) {
      const exchange = trial(wire, wire, { request, features })
      return { body: wire.request.encode(request, exchange), notices: exchange.list() }
    },
    decode: (body) => wire.request.decode(body, () => {}),
  }
}

export function responseCodec(wire: Wire, source: Json): Codec<Response> {
  const exchange = trial(wire, wire)
  return {
    source,
    value: wire.response.decode(source, exchange),
    notices: exchange.list(),
    encode(response) {
      const again = trial(wire, wire)
      return { body: wire.response.encode(response, again), notices: again.list() }
    },
    decode: (body) => wire.response.decode(body, trial(wire, wire)),
  }
}

/** What only the hub models, as plain data. */
export const bare = <T>(value: T): T => fresh(value)
