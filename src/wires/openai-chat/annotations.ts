import type { Block, Citation } from "../../core/block.ts"
import { type LensContext, overlay, restOf } from "../../core/lens.ts"
import { attach, changedFields, originOf, type Place } from "../../core/node.ts"
import { asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { fragment, fragmentOf } from "./media.ts"
import { given, members, wireId } from "./types.ts"

const citationKeys: ReadonlySet<string> = new Set(["url", "title", "start_index", "end_index"])

const annotationKeys: ReadonlySet<string> = new Set(["type", "url_citation"])

export interface ReadAnnotations {
  readonly citations: readonly Citation[]
  /** Annotations of kinds that nobody modelled. */
  readonly others: readonly Block[]
}

/** URL citations with their place in the text, counted in code points; anything else stays as it is. */
export function readAnnotations(annotations: readonly Json[], place: Place): ReadAnnotations {
  const citations: Citation[] = []
  const others: Block[] = []
  for (const json of annotations) {
    const citation = decodeCitation(json, place)
    if (citation) citations.push(citation)
    else
      others.push(
        attach<Block>({ type: "foreign", wire: wireId, value: fragment("annotations", json) }, { wire: wireId, place, json }),
      )
  }
  return { citations, others }
}

function decodeCitation(json: Json, place: Place): Citation | undefined {
  const source = asObject(json)
  const inner = source?.type === "url_citation" ? asObject(source.url_citation) : undefined
  const url = asString(inner?.url)
  if (!source || !inner || url === undefined) return undefined
  const start = asNumber(inner.start_index)
  const end = asNumber(inner.end_index)
  const citation: Citation = {
    ...(start === undefined || end === undefined ? {} : { span: [start, end] as const }),
    source: { kind: "url", url, ...given("title", asString(inner.title)) },
  }
  const rest = [...restOf(source, annotationKeys), ...restOf(inner, citationKeys).map((key) => `url_citation.${key}`)]
  return attach(citation, { wire: wireId, place, json, rest })
}

const length = (text: string): number => [...text].length

/** The `annotations` of a message: citations of all its text, each moved by the text before its block. */
export function encodeAnnotations(blocks: readonly Block[], context: LensContext): readonly Json[] | undefined {
  const result: Json[] = []
  let offset = 0
  for (const block of blocks) {
    if (block.type === "text") {
      for (const citation of block.citations ?? []) result.push(...encodeCitation(citation, offset, context))
      offset += length(block.text)
    } else if (block.type === "foreign" && block.wire === wireId) {
      const piece = fragmentOf(block.value, "annotations")
      if (piece !== undefined) result.push(piece)
    }
  }
  return result.length > 0 ? result : undefined
}

export function encodeCitation(citation: Citation, offset: number, context: LensContext): readonly Json[] {
  const from = originOf(citation)
  const changed = changedFields(citation)
  const here = from?.wire === wireId && from.place === context.place
  if (here && from.json !== undefined && changed?.size === 0 && offset === 0) return [from.json]
  const path = `${context.path}.citations[*]`
  const note = (field: string): void =>
    context.note({ code: "citation-unsupported", path: `${path}${field}`, effect: "dropped", side: context.side })
  const { source, span } = citation
  if (source.kind !== "url" || source.url === undefined) {
    note("")
    return []
  }
  if (!here) for (const key of from?.rest ?? []) note(`.${key}`)
  if (citation.quote !== undefined) note(".quote")
  if (citation.seal !== undefined) note(".seal")
  const inner = members({
    url: source.url,
    title: source.title,
    start_index: span && span[0] + offset,
    end_index: span && span[1] + offset,
  })
  return [{ type: "url_citation", url_citation: here ? laidOver(from.json, inner) : inner }]
}

function laidOver(json: Json | undefined, inner: JsonObject): JsonObject {
  const was = asObject(asObject(json)?.url_citation)
  return was ? overlay(was, inner, new Set(["all"]), { all: [...citationKeys] }) : inner
}
