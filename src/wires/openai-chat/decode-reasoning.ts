import type { Block, ReasoningBlock, Seal } from "../../core/block.ts"
import { restOf } from "../../core/lens.ts"
import { attach, nothing } from "../../core/node.ts"
import { openEnvelope, sealedHash } from "../../core/seal.ts"
import { asArray, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { fragment } from "./media.ts"
import type { Reader } from "./reader.ts"
import type { LooseSeal } from "./seal-place.ts"
import { given, wireId } from "./types.ts"

type Part = ReasoningBlock["parts"][number]

interface Draft {
  readonly parts: Part[]
  /** The entries it came from; undefined for one from a plain string, or with an envelope in it. */
  entries: Json[] | undefined
  readonly id: string | undefined
  readonly index: Json | undefined
  readonly kind: string
  seal?: Seal
  at?: number
  foreign?: Json
}

export interface ReadReasoning {
  readonly blocks: readonly { readonly block: Block; readonly at?: number }[]
  readonly loose: readonly LooseSeal[]
}

const textKinds: ReadonlySet<string> = new Set(["reasoning.text", "reasoning.summary"])

const entryText = (entry: JsonObject, kind: string): string =>
  asString(kind === "reasoning.summary" ? entry.summary : entry.text) ?? ""

/**
 * Thinking as routers and vendors carry it: `reasoning_details`, and beside them or alone `reasoning_content` or `reasoning`. Where the
 * details hold text the strings only repeat it. Undefined for a message without any.
 */
export function readReasoning(message: JsonObject, reader: Reader): ReadReasoning | undefined {
  const entries = asArray(message.reasoning_details) ?? nothing
  if (entries.length === 0 && !saysThinking(message)) return undefined
  const drafts: Draft[] = entries.some(hasText) ? [] : stringDrafts(message)
  const loose: LooseSeal[] = []
  for (const entry of entries) takeEntry(entry, drafts, loose, reader)
  return {
    blocks: drafts.map((draft) => ({ block: blockOf(draft, reader), ...given("at", draft.at) })),
    loose,
  }
}

const saysThinking = ({ reasoning_content, reasoning }: JsonObject): boolean =>
  (asString(reasoning_content) ?? "") !== "" || (asString(reasoning) ?? "") !== ""

function hasText(json: Json): boolean {
  const entry = asObject(json)
  const kind = asString(entry?.type) ?? ""
  return entry !== undefined && textKinds.has(kind) && entryText(entry, kind) !== ""
}

function stringDrafts(message: JsonObject): Draft[] {
  const texts = [asString(message.reasoning_content), asString(message.reasoning)].filter(
    (text): text is string => text !== undefined && text !== "",
  )
  return [...new Set(texts)].map((text) => ({ parts: [{ text }], entries: undefined, id: undefined, index: undefined, kind: "" }))
}

function takeEntry(json: Json, drafts: Draft[], loose: LooseSeal[], reader: Reader): void {
  const entry = asObject(json)
  const kind = asString(entry?.type) ?? ""
  if (entry && textKinds.has(kind)) takeText(json, entry, kind, drafts, loose, reader)
  else if (entry && kind === "reasoning.encrypted" && takeEncrypted(json, entry, drafts, loose, reader)) return
  else drafts.push(foreignDraft(json))
}

const foreignDraft = (json: Json): Draft => ({
  parts: [],
  entries: [json],
  id: undefined,
  index: undefined,
  kind: "",
  foreign: json,
})

function takeText(json: Json, entry: JsonObject, kind: string, drafts: Draft[], loose: LooseSeal[], reader: Reader): void {
  const id = asString(entry.id)
  const part: Part = { text: entryText(entry, kind), ...(kind === "reasoning.summary" ? { summary: true } : {}) }
  let draft = drafts.at(-1)
  const opened = draft !== undefined && !draft.seal && draft.entries !== undefined
  const last = draft?.parts.at(-1)
  if (draft && opened && last && draft.kind === kind && entry.index !== undefined && draft.index === entry.index) {
    draft.parts[draft.parts.length - 1] = { ...last, text: last.text + part.text }
    draft.entries?.push(json)
  } else if (draft && opened && id !== undefined && draft.id === id) {
    draft.parts.push(part)
    draft.entries?.push(json)
  } else {
    draft = { parts: [part], entries: [json], id, index: entry.index, kind }
    drafts.push(draft)
  }
  const signature = asString(entry.signature)
  if (signature !== undefined && signature !== "") takeSignature(signature, draft, drafts, loose, reader)
}

function takeSignature(data: string, draft: Draft, drafts: Draft[], loose: LooseSeal[], reader: Reader): void {
  if (reader.isEnveloped(data)) {
    openSeal(data, undefined, drafts, loose, reader)
    draft.entries = undefined
    return
  }
  draft.seal = { issuer: reader.issuer, kind: "signature", data }
}

/** False for an entry without data. */
function takeEncrypted(json: Json, entry: JsonObject, drafts: Draft[], loose: LooseSeal[], reader: Reader): boolean {
  const data = asString(entry.data)
  if (data === undefined || data === "") return false
  const id = asString(entry.id)
  if (reader.isEnveloped(data)) {
    openSeal(data, id, drafts, loose, reader)
    return true
  }
  const seal: Seal = { issuer: reader.issuer, kind: "encrypted", data, ...given("id", id) }
  const draft = drafts.at(-1)
  if (draft && id !== undefined && draft.id === id && !draft.seal) {
    draft.seal = seal
    draft.entries?.push(json)
  } else drafts.push({ parts: [], entries: [json], id, index: entry.index, kind: "", seal })
  return true
}

/** Finds the thinking that an envelope was made over among the latest unsealed drafts. */
function openSeal(data: string, id: string | undefined, drafts: Draft[], loose: LooseSeal[], reader: Reader): void {
  const envelope = openEnvelope(data)
  if (!envelope) {
    reader.stale()
    return
  }
  const { seal, at, over } = envelope
  let text = ""
  for (let from = drafts.length - 1; from >= 0; from--) {
    const draft = drafts[from]
    if (!draft || draft.seal || draft.foreign !== undefined) break
    text = draft.parts.map((part) => part.text).join("") + text
    if (sealedHash(text) !== over) continue
    const parts = drafts.splice(from).flatMap((one) => one.parts)
    drafts.push({ parts, entries: undefined, id: undefined, index: undefined, kind: "", seal, at })
    return
  }
  if (over === sealedHash("")) drafts.push({ parts: [], entries: undefined, id: undefined, index: undefined, kind: "", seal, at })
  else loose.push({ envelope, ...given("id", id) })
}

const entryKeys: ReadonlySet<string> = new Set(["type", "text", "summary", "data", "signature", "id", "format", "index"])

const entriesRest = (entries: readonly Json[]): readonly string[] =>
  entries.flatMap((entry) => restOf(asObject(entry) ?? {}, entryKeys).map((key) => `reasoning_details.${key}`))

function blockOf(draft: Draft, reader: Reader): Block {
  const from = { wire: wireId, place: reader.place }
  if (draft.foreign !== undefined)
    return attach<Block>(
      { type: "foreign", wire: wireId, value: fragment("reasoning_details", draft.foreign) },
      { ...from, json: draft.foreign },
    )
  const block: ReasoningBlock = { type: "reasoning", parts: draft.parts, ...given("seal", draft.seal) }
  if (!draft.entries) return attach<Block>(block, from)
  return attach<Block>(block, { ...from, json: draft.entries, rest: entriesRest(draft.entries) })
}
