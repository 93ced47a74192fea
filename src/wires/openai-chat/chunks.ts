import type { GatewayError } from "../../core/error.ts"
import type { Frame } from "../../core/event.ts"
import { type Json, parseJson, stringifyJson } from "../../lib/json.ts"
import { errors } from "./error.ts"

/** The last frame of a stream, which some servers leave out. */
export const done = "[DONE]"

export const isDone = ({ data }: Frame): boolean => data.length < 64 && data.trim() === done

/** The value of a frame; undefined when it is no JSON. */
export function jsonIn(frame: Frame): Json | undefined {
  try {
    return parseJson(frame.data)
  } catch {
    return undefined
  }
}

/** The first character of a member's value; undefined when the payload has no such member. Keys inside strings have escaped quotes. */
export function valueAt(data: string, key: string): string | undefined {
  for (let at = data.indexOf(key); at >= 0; at = data.indexOf(key, at + 1)) {
    if (data[at - 1] === "\\") continue
    let next = at + key.length
    while (data[next] === " ") next++
    if (data[next] !== ":") continue
    do next++
    while (data[next] === " ")
    return data[next]
  }
  return undefined
}

export const errorFrames = (error: GatewayError): readonly Frame[] => [{ data: stringifyJson({ error: errors.object(error) }) }]
