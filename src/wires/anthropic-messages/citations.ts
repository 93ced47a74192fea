import type { Citation } from "../../core/block.ts"
import { type FieldTable, project } from "../../core/lens.ts"
import { originOf } from "../../core/node.ts"
import { sealForClient, sealForTarget, sealFrom } from "../../core/seal.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { citationShapes } from "./shape.ts"
import { type DecodeContext, type EncodeContext, home, inside, present, ride, wireId } from "./types.ts"

const optional = <K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: T }

/** The citations of a text block; undefined when it has none. */
export function decodeCitations(json: Json | undefined, context: DecodeContext): readonly Citation[] | undefined {
  const list = asArray(json)
  if (!list || list.length === 0) return undefined
  return list.map((one) => decodeCitation(one, context))
}

export function decodeCitation(json: Json, context: DecodeContext): Citation {
  const object = asObject(json) ?? {}
  const quote = optional("quote", asString(object.cited_text) || undefined)
  switch (object.type) {
    case "web_search_result_location": {
      const url = { ...optional("url", asString(object.url)), ...optional("title", asString(object.title)) }
      const { seal } = sealFrom(asString(object.encrypted_index), context.issuer, "encrypted-index")
      const citation: Citation = { ...quote, ...optional("seal", seal), source: { kind: "url", ...url } }
      return ride(citation, context, seal ? { ...object, encrypted_index: seal.data } : object, citationShapes.url)
    }
    case "search_result_location": {
      const place = { ...optional("url", asString(object.source)), ...optional("title", asString(object.title)) }
      const source = { kind: "tool" as const, ...place, ...optional("index", asNumber(object.search_result_index)) }
      return ride<Citation>({ ...quote, source }, context, object, citationShapes.search)
    }
    default: {
      const name = { ...optional("id", asString(object.file_id)), ...optional("title", asString(object.document_title)) }
      const source = { kind: "document" as const, ...name, ...optional("index", asNumber(object.document_index)) }
      return ride<Citation>({ ...quote, source }, context, object, citationShapes.document)
    }
  }
}

const table: FieldTable = {
  quote: ["cited_text"],
  seal: ["encrypted_index"],
  source: ["url", "title", "source", "search_result_index", "document_index", "document_title", "file_id"],
}

/** Undefined where nothing is left to cite by. */
export function encodeCitations(list: readonly Citation[], context: EncodeContext): Json[] | undefined {
  const path = `${context.path}.citations[*]`
  const encoded = list.flatMap((one) => encodeCitation(one, inside(context, path)) ?? [])
  return encoded.length > 0 ? encoded : undefined
}

function encodeCitation(citation: Citation, context: EncodeContext): Json | undefined {
  const { path, side } = context
  if (citation.span) context.note({ code: "citation-unsupported", path: `${path}.span`, effect: "dropped", side })
  const index = encryptedIndex(citation, context)
  if (side === "request" && citation.source.kind === "url" && index === undefined) {
    context.note({ code: "citation-unsupported", path, effect: "dropped", side })
    return undefined
  }
  const from = originOf(citation)
  if (side === "request" && from?.wire === wireId && from.place === "response") return asParameter(asObject(from.json) ?? {})
  const built = (node: Citation) => build(node, index ?? "", context)
  const wrapped = from?.wire === wireId && citation.seal !== undefined && index !== citation.seal.data
  return wrapped ? built(citation) : project(citation, context, table, built)
}

/** An answer's citation names the file it is of; a request may not. */
function asParameter({ file_id: _, ...citation }: JsonObject): JsonObject {
  return citation
}

function encryptedIndex(citation: Citation, context: EncodeContext): string | undefined {
  const { seal } = citation
  if (!seal) return undefined
  if (context.side === "request") return sealForTarget(seal, context.exchange, `${context.path}.seal`)?.data
  return sealForClient(seal, home, 0, citation.quote ?? "")
}

function build({ quote, source }: Citation, encryptedIndex: string, context: EncodeContext): JsonObject {
  const cited = { cited_text: quote ?? "" }
  switch (source.kind) {
    case "url": {
      noteLost(source, ["id", "index"], context)
      const place = { url: source.url ?? "", title: source.title ?? null }
      return { type: "web_search_result_location", ...cited, ...place, encrypted_index: encryptedIndex }
    }
    case "tool": {
      noteLost(source, ["id"], context)
      const blocks = { search_result_index: source.index ?? 0, start_block_index: 0, end_block_index: 1 }
      return { type: "search_result_location", ...cited, source: source.url ?? "", title: source.title ?? null, ...blocks }
    }
    case "document":
    case "file": {
      noteLost(source, ["url"], context)
      if (source.kind === "file") adapted(`${context.path}.source.kind`, context)
      const file = context.side === "response" && source.id !== undefined ? { file_id: source.id } : {}
      const document = { document_index: source.index, document_title: source.title ?? null, ...file }
      return present({ type: "char_location", ...cited, ...document, start_char_index: 0, end_char_index: (quote ?? "").length })
    }
    default:
      return source.kind satisfies never
  }
}

function noteLost(source: Citation["source"], keys: readonly ("id" | "url" | "index")[], context: EncodeContext): void {
  for (const key of keys)
    if (source[key] !== undefined)
      context.note({ code: "citation-unsupported", path: `${context.path}.source.${key}`, effect: "dropped", side: context.side })
}

const adapted = (path: string, context: EncodeContext): void =>
  context.note({ code: "field-adapted", path, effect: "adapted", side: context.side })
