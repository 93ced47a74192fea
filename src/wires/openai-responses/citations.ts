import type { Citation, Logprob } from "../../core/block.ts"
import { project } from "../../core/lens.ts"
import { attach, type Place } from "../../core/node.ts"
import type { Note } from "../../core/notice.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { restOfShape } from "./rest.ts"
import { annotationShape, wireId } from "./types.ts"

const table = {
  span: ["start_index", "end_index", "index"],
  quote: [],
  seal: [],
  source: ["type", "url", "title", "file_id", "filename", "container_id", "index"],
} as const

/** Annotations of an output text. A kind that the hub does not know is a citation of a document that only this wire can write again. */
export const decodeCitations = (json: Json | undefined, place: Place): readonly Citation[] =>
  (asArray(json) ?? []).map((annotation) => decodeCitation(annotation, place))

export function decodeCitation(json: Json, place: Place): Citation {
  const annotation = asObject(json) ?? {}
  const start = asNumber(annotation.start_index)
  const end = asNumber(annotation.end_index)
  const span = start !== undefined && end !== undefined ? { span: [start, end] as const } : {}
  const citation: Citation = { ...span, source: decodeSource(annotation) }
  return attach(citation, { wire: wireId, place, json, rest: restOfShape(json, annotationShape) })
}

function decodeSource(annotation: JsonObject): Citation["source"] {
  const title = asString(annotation.title) ?? asString(annotation.filename)
  const id = asString(annotation.file_id)
  const index = asNumber(annotation.index)
  const more = {
    ...(title === undefined ? {} : { title }),
    ...(id === undefined ? {} : { id }),
    ...(index === undefined ? {} : { index }),
  }
  if (annotation.type === "url_citation") return { kind: "url", url: asString(annotation.url) ?? "", ...more }
  if (id !== undefined) return { kind: "file", ...more }
  return { kind: "document", ...more }
}

export function encodeCitations(
  citations: readonly Citation[],
  path: string,
  place: Place,
  side: Place,
  note: Note,
): readonly Json[] {
  const at = `${path}.citations[*]`
  return citations.flatMap((citation): Json[] => {
    const built = buildCitation(citation)
    const json = project(citation, { wire: wireId, place, note, side, path: at }, table, () => built ?? {})
    if (built === undefined && asObject(json)?.type === undefined) {
      note({ code: "citation-unsupported", path: at, effect: "dropped", side })
      return []
    }
    if (citation.quote !== undefined) note({ code: "field-unsupported", path: `${at}.quote`, effect: "dropped", side })
    if (citation.seal) note({ code: "citation-unsupported", path: `${at}.seal`, effect: "dropped", side })
    return [json]
  })
}

function buildCitation({ span, source }: Citation): JsonObject | undefined {
  const { url, title, id, index } = source
  const indices: JsonObject = span ? { start_index: span[0], end_index: span[1] } : {}
  if (source.kind === "url")
    return { type: "url_citation", url: url ?? "", ...(title === undefined ? {} : { title }), ...indices }
  if (source.kind === "file" && id !== undefined) {
    const name = title === undefined ? {} : { filename: title }
    return span
      ? { type: "container_file_citation", file_id: id, ...name, ...indices }
      : { type: "file_citation", file_id: id, ...name, index: index ?? 0 }
  }
  return undefined
}

export function decodeLogprobs(json: Json | undefined): readonly Logprob[] | undefined {
  const list = asArray(json)
  return list && list.length > 0 ? list.map(decodeLogprob) : undefined
}

function decodeLogprob(json: Json): Logprob {
  const entry = asObject(json) ?? {}
  const top = asArray(entry.top_logprobs)
  return { ...decodeToken(entry), ...(top ? { top: top.map((one) => decodeToken(asObject(one) ?? {})) } : {}) }
}

function decodeToken(entry: JsonObject): { token: string; logprob: number; bytes?: readonly number[] } {
  const bytes = asArray(entry.bytes)?.map((byte) => asNumber(byte) ?? 0)
  return { token: asString(entry.token) ?? "", logprob: asNumber(entry.logprob) ?? 0, ...(bytes ? { bytes } : {}) }
}

export const encodeLogprobs = (logprobs: readonly Logprob[] | undefined): Json =>
  (logprobs ?? []).map(({ token, logprob, bytes, top }) => ({
    token,
    logprob,
    ...(bytes ? { bytes } : {}),
    ...(top ? { top_logprobs: top.map((one) => ({ ...one })) } : {}),
  }))
