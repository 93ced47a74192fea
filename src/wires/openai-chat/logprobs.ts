import type { Logprob } from "../../core/block.ts"
import { restOf } from "../../core/lens.ts"
import { nothing } from "../../core/node.ts"
import { asArray, asNumber, asObject, asString, type Json } from "../../lib/json.ts"
import { members } from "./types.ts"

const bytesOf = (json: Json | undefined): { readonly bytes?: readonly number[] } => {
  const bytes = asArray(json)?.map((one) => asNumber(one))
  return bytes?.every((one): one is number => one !== undefined) ? { bytes } : {}
}

/** The entries of `logprobs.content`; undefined when there is none. */
export function decodeLogprobs(json: Json | undefined): readonly Logprob[] | undefined {
  const entries = asArray(asObject(json)?.content)
  if (!entries || entries.length === 0) return undefined
  return entries.flatMap((entry): Logprob[] => {
    const source = asObject(entry)
    const token = asString(source?.token)
    const logprob = asNumber(source?.logprob)
    if (!source || token === undefined || logprob === undefined) return []
    const top = asArray(source.top_logprobs)?.flatMap((one) => decodeTop(one))
    return [{ token, logprob, ...bytesOf(source.bytes), ...(top ? { top } : {}) }]
  })
}

function decodeTop(json: Json): NonNullable<Logprob["top"]> {
  const source = asObject(json)
  const token = asString(source?.token)
  const logprob = asNumber(source?.logprob)
  return source && token !== undefined && logprob !== undefined ? [{ token, logprob, ...bytesOf(source.bytes) }] : []
}

/** True when a choice's log probabilities hold more than was read from them, such as those of a refusal. */
export function hasOtherLogprobs(json: Json | undefined, read: readonly Logprob[] | undefined): boolean {
  const source = asObject(json)
  if (!source) return false
  return restOf(source, contentKey).length > 0 || !sameShape(asArray(source.content) ?? nothing, read ?? nothing)
}

const contentKey: ReadonlySet<string> = new Set(["content"])
const tokenKeys: ReadonlySet<string> = new Set(["token", "logprob", "bytes", "top_logprobs"])

/** Whether every entry was read, with all its keys. */
function sameShape(entries: readonly Json[], read: readonly unknown[]): boolean {
  const isKnown = (json: Json): boolean => restOf(asObject(json) ?? {}, tokenKeys).length === 0
  return (
    entries.length === read.length &&
    entries.every((entry) => isKnown(entry) && (asArray(asObject(entry)?.top_logprobs) ?? []).every(isKnown))
  )
}

export const encodeLogprobs = (logprobs: readonly Logprob[]): Json => ({
  content: logprobs.map(({ token, logprob, bytes, top }) =>
    members({
      token,
      logprob,
      bytes: bytes ?? null,
      top_logprobs: (top ?? []).map((one) => ({ token: one.token, logprob: one.logprob, bytes: one.bytes ?? null })),
    }),
  ),
  refusal: null,
})
