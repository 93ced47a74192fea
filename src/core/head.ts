import { type EditedBytes, keptOf } from "../lib/edited-bytes.ts"
import { asObject, asString, type Json, parseJson, stringifyJson } from "../lib/json.ts"
import { JsonScanError, type Member, type Scan, scanTopLevel, spliceLater } from "../lib/json-splice.ts"
import { validUtf8 } from "../lib/utf8.ts"
import { fault } from "./error.ts"
import { ownMark } from "./seal.ts"
import { type FallbackRef, type Head, type HeadPatch, scan } from "./wire.ts"

/** What differs between wires in the few top-level keys that a relay reads. */
export interface HeadSpec {
  /** Keys that name vendor-side objects the body leans on. */
  readonly pinned: readonly string[]
  /** The key of the vendor's prompt cache key. */
  readonly cacheKey?: string
  /** Where a caller asks for usage in a stream; absent where the wire always sends it. */
  readonly usage?: { readonly key: string; asked(value: Json | undefined): boolean; ask(value: Json | undefined): Json }
}

/** Reads top-level keys of a JSON body and splices new values in. The scan that both share lives in the head. */
export interface HeadReader {
  /** The keys of `HeadSpec.pinned`: none means that no body of the wire leans on what a vendor keeps. */
  readonly pinned: readonly string[]
  /** Throws GatewayFault naming the field. */
  read(body: Uint8Array): Head
  /** Every byte that the patch does not name stays. */
  write(body: Uint8Array, head: Head, patch: HeadPatch): Uint8Array
  /** The same of a body that stays as it is, copied only where somebody has to keep it. */
  edit(body: Uint8Array, head: Head, patch: HeadPatch): Uint8Array | EditedBytes
}

/** The member of a body that is for the gateway and no vendor, where it holds targets. */
export const fallbacksKey = "fallbacks"

export function headReader(spec: HeadSpec): HeadReader {
  const keys = new Set(["model", "stream", fallbacksKey, ...spec.pinned])
  if (spec.cacheKey !== undefined) keys.add(spec.cacheKey)
  if (spec.usage) keys.add(spec.usage.key)
  function edit(body: Uint8Array, head: Head, patch: HeadPatch): Uint8Array | EditedBytes {
    const found = patch.fixed ? scanTopLevel(body, [...keys, ...Object.keys(patch.fixed)]) : (head[scan] as Scan)
    const set: Record<string, string> = {}
    const remove: string[] = []
    if (patch.fixed) {
      for (const [key, text] of Object.entries(patch.fixed)) {
        if (text === null) remove.push(key)
        else set[key] = text
      }
    }
    if (patch.model !== undefined) set.model = JSON.stringify(patch.model)
    if (patch.dropFallbacks) remove.push(fallbacksKey)
    if (patch.askUsage && spec.usage) {
      const { key, ask } = spec.usage
      const asked = found.members.findLast((member) => member.key === key)
      set[key] = stringifyJson(ask(asked && readValue(body, asked)))
    }
    return spliceLater(body, found, { set, remove })
  }
  return {
    pinned: spec.pinned,
    read(body) {
      const found = scanBody(body, keys)
      let model: string | undefined
      let stream = false
      let fallbacks: readonly FallbackRef[] | undefined
      let cacheKey: string | undefined
      let usage: Json | undefined
      let pins: string[] = noPins
      for (const member of found.members) {
        const { key } = member
        const value = readValue(body, member)
        if (key === "model") model = modelOf(value)
        else if (key === "stream") stream = streamOf(value)
        else if (key === fallbacksKey) fallbacks = fallbackRefs(value)
        else if (key === spec.cacheKey) cacheKey = asString(value)
        else if (key === spec.usage?.key) usage = value
        else pins = withPin(pins, value)
      }
      return {
        model,
        stream,
        fallbacks,
        cacheKey,
        usageAsked: !spec.usage || !stream || spec.usage.asked(usage),
        enveloped: indexOf.call(body, mark) >= 0,
        pins,
        [scan]: found,
      }
    },
    write: (body, head, patch) => keptOf(edit(body, head, patch)),
    edit,
  }
}

const noPins: string[] = []
const mark = Buffer.from(ownMark)
const { indexOf, utf8Slice } = Buffer.prototype

function scanBody(body: Uint8Array, keys: ReadonlySet<string>): Scan {
  try {
    const found = scanTopLevel(body, keys)
    if (!validUtf8(body)) throw fault("invalid-json", "the request body is not valid UTF-8")
    return found
  } catch (error) {
    if (error instanceof JsonScanError)
      throw fault("invalid-json", `the request body is not a valid JSON object: ${error.message}`)
    throw error
  }
}

const quote = 0x22

function readValue(body: Uint8Array, { key, valueStart, valueEnd }: Member): Json {
  const text = utf8Slice.call(body, valueStart, valueEnd)
  if (body[valueStart] === quote && !text.includes("\\")) return text.slice(1, -1)
  if (text === "true") return true
  if (text === "false") return false
  try {
    return parseJson(text)
  } catch {
    throw fault("invalid-json", `the value of "${key}" is not valid JSON`, { param: key })
  }
}

/** A plain id, or an object with one. */
function withPin(pins: string[], value: Json | undefined): string[] {
  const id = asString(value) ?? asString(asObject(value)?.id)
  return id === undefined ? pins : [...pins, id]
}

function modelOf(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== "string") throw fault("invalid-request", "model must be a string", { param: "model" })
  return value
}

function streamOf(value: Json | undefined): boolean {
  if (value === undefined || value === null) return false
  if (typeof value !== "boolean") throw fault("invalid-request", "stream must be true or false", { param: "stream" })
  return value
}

/** Ours only if each entry is a string or an object with both `provider` and `model`; a vendor has a field of the same name. An empty list is ours: none. */
function fallbackRefs(value: Json | undefined): readonly FallbackRef[] | undefined {
  if (!Array.isArray(value)) return undefined
  const refs: FallbackRef[] = []
  let unread: string | undefined
  for (const entry of value as readonly Json[]) {
    const ref = typeof entry === "string" ? fallbackRef(entry) : refOf(entry)
    if (ref) refs.push(ref)
    else if (typeof entry === "string") unread ??= entry
    else return undefined
  }
  if (unread === undefined) return refs
  const message = `fallbacks holds ${JSON.stringify(unread.slice(0, 80))}, which is neither provider/model nor a provider`
  throw fault("invalid-request", message, { param: fallbacksKey })
}

function refOf(entry: Json): FallbackRef | undefined {
  const object = asObject(entry)
  const provider = asString(object?.provider)
  const model = asString(object?.model)
  return provider !== undefined && model !== undefined ? { provider, model } : undefined
}

/** `provider/model`; `provider` alone, or `provider/`, keeps the model of the first target. */
export function fallbackRef(text: string): FallbackRef | undefined {
  const slash = text.indexOf("/")
  const provider = (slash < 0 ? text : text.slice(0, slash)).trim()
  return provider === "" ? undefined : { provider, model: slash < 0 ? "" : text.slice(slash + 1).trim() }
}
