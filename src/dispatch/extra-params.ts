import type { Call } from "../core/call.ts"
import { fallbacksKey } from "../core/head.ts"
import { originOf } from "../core/node.ts"
import type { Note } from "../core/notice.ts"
import { asObject, type JsonObject } from "../lib/json.ts"

/** Top-level fields of the caller's body that the gateway does not model, when the caller wants them sent whatever the upstream's format. */
export function extraParams(call: Call): JsonObject {
  const from = call.directions.passExtraParams ? originOf(call.request()) : undefined
  const source = from?.json === undefined ? undefined : asObject(from.json)
  if (!from || !source) return noParams
  const isOurs = (name: string) => name === fallbacksKey && call.head.fallbacks !== undefined
  return Object.fromEntries(
    from.rest.flatMap((name) => (source[name] === undefined || isOurs(name) ? [] : [[name, source[name]]])),
  )
}

export const noParams: JsonObject = {}

/** Raises all notices but those of fields that are sent after all, or that are the gateway's own. */
export const noteBut =
  (known: JsonObject, note: Note): Note =>
  (notice) => {
    const unsupported = notice.code === "field-unsupported" && notice.side === "request"
    if (!unsupported || !Object.hasOwn(known, notice.path.replace(/^(?:request)?\./, ""))) note(notice)
  }
