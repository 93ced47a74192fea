import { GatewayFault } from "../../../src/core/error.ts"
import type { Frame } from "../../../src/core/event.ts"
import { type Json, type JsonObject, parseJson, RawJson, stringifyJson } from "../../../src/lib/json.ts"
import { lifecycleFaults } from "../../core/lifecycle.ts"
import { LawError, mustBeEmpty } from "../difference.ts"
import { trial } from "../exchange.ts"
import { jsonOf } from "../fixtures.ts"
import type { Law } from "../law.ts"
import { decodeFrames, encodeSteps, framesOf, run } from "../streams.ts"

const strangers: readonly Json[] = [null, 0, -1.5, "x", "", true, [], [null], {}, [{ type: "x" }]]

interface Garbled {
  readonly where: string
  readonly body: Json
}

/** The body once for each of its values and each stranger in that value's place, and once without each member. */
function garbled(body: Json, where = ""): Garbled[] {
  const swapped = strangers.map((stranger) => ({ where: `${where} = ${stringifyJson(stranger)}`, body: stranger }))
  if (body instanceof RawJson || typeof body !== "object" || body === null) return swapped
  if (Array.isArray(body)) {
    const inner = body.flatMap((value: Json, index) =>
      garbled(value, `${where}[${index}]`).map((one) => ({ ...one, body: body.with(index, one.body) })),
    )
    return [...swapped, ...inner]
  }
  const object = body as JsonObject
  const inner = Object.entries(object).flatMap(([key, value]) => {
    const { [key]: _, ...rest } = object
    const without = { where: `${where}.${key} left out`, body: rest }
    return [without, ...garbled(value, `${where}.${key}`).map((one) => ({ ...one, body: { ...object, [key]: one.body } }))]
  })
  return [...swapped, ...inner]
}

/** At most this many variants of one fixture. */
const most = 120

function sampled<T>(list: readonly T[]): readonly T[] {
  const stride = Math.ceil(list.length / most)
  return list.filter((_, index) => index % stride === 0)
}

/** Runs, and tells where it threw what nobody expects; a fault that names the trouble is allowed to some. */
function mustNotThrow(where: string, mayFault: boolean, act: () => void): void {
  try {
    act()
  } catch (error) {
    if (mayFault && error instanceof GatewayFault) return
    if (error instanceof LawError) throw error
    throw new LawError(`with ${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  }
}

function garbledStreams(frames: readonly Frame[]): { where: string; frames: readonly Frame[] }[] {
  return frames.flatMap((frame, index) => {
    if (!frame.data.startsWith("{")) return []
    const event = frame.event === undefined ? {} : { event: frame.event }
    return garbled(parseJson(frame.data), `frame ${index}`).map(({ where, body }) => ({
      where,
      frames: frames.with(index, { ...event, data: stringifyJson(body) }),
    }))
  })
}

/** Whatever stands in whatever place, nothing breaks: a vendor's mistake is no reason to fall over, a caller's is named. */
export const garbage: Law = {
  title: "L6 garbage",
  fixtures: [
    {
      title: "a request with anything anywhere is read or refused by name",
      kinds: ["request"],
      own: true,
      check(fixture, { wire, wires }) {
        for (const { where, body } of sampled(garbled(jsonOf(fixture)))) {
          mustNotThrow(where, true, () => {
            const request = wire.request.decode(body, () => {})
            for (const other of wires) other.request.encode(request, trial(wire, other, { request }))
          })
        }
      },
    },
    {
      title: "an answer with anything anywhere is read",
      kinds: ["response"],
      own: true,
      check(fixture, { wire, wires }) {
        for (const { where, body } of sampled(garbled(jsonOf(fixture)))) {
          mustNotThrow(where, true, () => {
            const response = wire.response.decode(body, trial(wire, wire))
            for (const other of wires) other.response.encode(response, trial(other, wire))
          })
          mustNotThrow(where, false, () => wire.response.peek(Buffer.from(stringifyJson(body))))
        }
      },
    },
    {
      title: "a stream with anything anywhere is read, in order",
      kinds: ["stream"],
      own: true,
      check(fixture, { wire, wires }) {
        for (const { where, frames } of sampled(garbledStreams(framesOf([fixture.bytes])))) {
          mustNotThrow(where, false, () => {
            const steps = decodeFrames(wire, trial(wire, wire), frames)
            mustBeEmpty(lifecycleFaults(steps), `with ${where}: faults`)
            for (const other of wires) encodeSteps(other, trial(other, wire), steps)
            run(wire.stream.tap(), frames)
          })
        }
      },
    },
  ],
}
