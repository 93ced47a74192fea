import { collect } from "../core/collect.ts"
import type { Step } from "../core/event.ts"
import { bimap, type Exchange } from "../core/exchange.ts"
import type { Payload } from "../core/record.ts"
import type { Request } from "../core/request.ts"
import type { Wire } from "../core/wire.ts"
import { type Json, parseJson } from "../lib/json.ts"
import { sseDecoder } from "../lib/sse.ts"
import { utf8Text } from "../lib/utf8.ts"
import { endpoints } from "./endpoints.ts"

const maxFrameBytes = 16 * 1024 * 1024

/** What a payload that was kept says, in the hub's terms: a request, or an answer. Undefined when its wire cannot read it, cut ones included. */
export function readPayload(payload: Payload): Json | undefined {
  const wire = endpoints.find((endpoint) => endpoint.wire.id === payload.wire)?.wire
  return wire && plain(read(wire, payload))
}

function read(wire: Wire, { side, contentType, bytes }: Payload): unknown {
  if (side.endsWith("request")) return wire.request.decode(parseJson(utf8Text(bytes)), () => {})
  const exchange = readingExchange(wire)
  return contentType.includes("event-stream")
    ? readStream(wire, bytes, exchange)
    : wire.response.decode(parseJson(utf8Text(bytes)), exchange)
}

function readStream(wire: Wire, bytes: Uint8Array, exchange: Exchange): unknown {
  const frames = sseDecoder({ maxFrameBytes })
  const decoder = wire.stream.decoder(exchange)
  const steps: Step[] = []
  for (const frame of [...frames.push(bytes), ...frames.flush()]) if (frame.data !== "") steps.push(...decoder.push(frame))
  return collect(steps)
}

/** Without what rode along. */
const plain = (value: unknown): Json => parseJson(JSON.stringify(value))

function readingExchange(wire: Wire): Exchange {
  const request: Request = { model: "", messages: [], pins: [] }
  return {
    request,
    client: wire.id,
    ...(wire.home === undefined ? {} : { clientHome: wire.home }),
    target: { wire: wire.id, model: "", issuer: wire.home ?? wire.id, limits: {}, features: new Set() },
    names: bimap(),
    ids: bimap(),
    emulated: new Set(),
    note: () => {},
    seed: "log",
    now: 0,
  }
}
