import type { Frame } from "../../core/event.ts"
import { asNumber, asObject, type Json, type JsonObject, parseJson, stringifyJson } from "../../lib/json.ts"

/** Writes frames of this wire, numbered in sequence. */
export interface FrameWriter {
  /** `type`: a name of the vendor's, which needs no escapes. */
  write(type: string, fields: JsonObject): Frame
  /** A frame of the vendor's, with its number raised where written ones have overtaken it. */
  pass(frame: Frame): Frame
}

export function frameWriter(): FrameWriter {
  let next = 0
  let own = false
  let last: Frame | undefined

  /** Only when a frame of ours stands between those of the vendor do the vendor's numbers matter. */
  function settle(): void {
    const number = last && numberOf(last)
    if (number !== undefined) next = Math.max(next, number + 1)
    last = undefined
  }

  return {
    write(type, fields) {
      settle()
      own = true
      const rest = stringifyJson(fields)
      const more = rest === "{}" ? "}" : `,${rest.slice(1)}`
      return { event: type, data: `{"type":"${type}","sequence_number":${next++}${more}` }
    },
    pass(frame) {
      if (!own) {
        last = frame
        return frame
      }
      const number = numberOf(frame)
      if (number === undefined) return frame
      if (number >= next) {
        next = number + 1
        return frame
      }
      return patched(frame, { sequence_number: next++ })
    },
  }
}

export function payloadOf(frame: Frame): JsonObject | undefined {
  try {
    return asObject(parseJson(frame.data))
  } catch {
    return undefined
  }
}

/** The frame with other values for some of its keys. */
export function patched(frame: Frame, values: Readonly<Record<string, Json>>): Frame {
  const body = payloadOf(frame)
  if (!body) return frame
  return { ...(frame.event === undefined ? {} : { event: frame.event }), data: stringifyJson({ ...body, ...values }) }
}

const numberOf = (frame: Frame): number | undefined => asNumber(payloadOf(frame)?.sequence_number)
