import type { Block, MediaBlock, Pin, Source } from "../../core/block.ts"
import { fault } from "../../core/error.ts"
import { originOf } from "../../core/node.ts"
import { asArray, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { decodeCache } from "./cache.ts"
import { blockShapes } from "./shape.ts"
import { type DecodeContext, type EncodeContext, present, ride } from "./types.ts"

interface Read {
  readonly mime?: string
  readonly source: Source
}

/** An image, document or search result; a string says what was expected, undefined that nobody knows this kind of source. */
export function readMedia(json: JsonObject, context: DecodeContext): Block | string | undefined {
  if (json.type === "search_result") return readSearchResult(json, context)
  const kind = json.type === "image" ? "image" : "document"
  const source = asObject(json.source)
  if (!source) return "`source` to be an object"
  const read = readSource(source, kind, context)
  if (read === undefined || typeof read === "string") return read
  const name = asString(json.title)
  const block: MediaBlock = { type: "media", kind, ...read, ...(name === undefined ? {} : { name }), ...decodeCache(json) }
  return ride(block, context, json, blockShapes[kind])
}

function readSource(source: JsonObject, kind: "image" | "document", context: DecodeContext): Read | string | undefined {
  const data = asString(source.data)
  const type = asString(source.media_type)
  const mime = type === undefined ? {} : { mime: type }
  switch (source.type) {
    case "base64":
      return data === undefined ? "`source.data` to be a string" : { ...mime, source: { type: "base64", data } }
    case "text":
      return data === undefined
        ? "`source.data` to be a string"
        : { mime: type ?? plainText, source: { type: "text", text: data } }
    case "url": {
      const url = asString(source.url)
      return url === undefined ? "`source.url` to be a string" : { source: { type: "url", url } }
    }
    case "file": {
      const id = asString(source.file_id)
      return id === undefined ? "`source.file_id` to be a string" : { source: { type: "pin", pin: filePin(id, context) } }
    }
    case "content": {
      const text = kind === "document" ? textOf(source.content) : undefined
      return text === undefined ? undefined : { mime: plainText, source: { type: "text", text } }
    }
    default:
      return undefined
  }
}

const plainText = "text/plain"

export const filePin = (id: string, context: DecodeContext): Pin => ({ kind: "file", id, issuer: context.issuer })

/** The text of a string or of a list of text blocks; undefined when there is anything else in it. */
function textOf(content: Json | undefined): string | undefined {
  const whole = asString(content)
  if (whole !== undefined) return whole
  const parts = asArray(content)?.map((part) => {
    const object = asObject(part)
    return object?.type === "text" ? asString(object.text) : undefined
  })
  return parts?.every((part) => part !== undefined) ? parts.join("\n") : undefined
}

function readSearchResult(json: JsonObject, context: DecodeContext): Block | undefined {
  const text = textOf(json.content)
  if (text === undefined) return undefined
  const name = asString(json.title)
  const base = { type: "media", kind: "document", mime: plainText, source: { type: "text", text } } as const
  return ride<Block>(
    { ...base, ...(name === undefined ? {} : { name }), ...decodeCache(json) },
    context,
    json,
    blockShapes.search_result,
  )
}

/** Keys of a media block by hub field. A search result spells its text elsewhere. */
export function mediaTable(block: MediaBlock): Readonly<Record<string, readonly string[]>> {
  const isSearchResult = asObject(originOf(block)?.json)?.type === "search_result"
  const source = [isSearchResult ? "content" : "source"]
  return { source, mime: source, kind: ["type"], name: ["title"], cache: ["cache_control"] }
}

/** The members of a media block but `cache_control`; undefined when the vendor cannot take it. Throws for a file of another vendor's. */
export function mediaMembers(block: MediaBlock, context: EncodeContext): JsonObject | undefined {
  const { path, side } = context
  if (block.detail !== undefined) context.note({ code: "field-unsupported", path: `${path}.detail`, effect: "dropped", side })
  if (block.transcript !== undefined)
    context.note({ code: "field-unsupported", path: `${path}.transcript`, effect: "dropped", side })
  if (asObject(originOf(block)?.json)?.type === "search_result" && block.source.type === "text")
    return { type: "search_result", content: [{ type: "text", text: block.source.text }], title: block.name ?? "", source: "" }
  const source = block.kind === "image" || block.kind === "document" ? sourceMembers(block, context) : undefined
  if (!source) {
    context.note({ code: "media-unsupported", path, effect: "dropped", side })
    return undefined
  }
  if (block.kind === "image") {
    if (block.name !== undefined) context.note({ code: "field-unsupported", path: `${path}.name`, effect: "dropped", side })
    return { type: "image", source }
  }
  return present({ type: "document", source, title: block.name })
}

function sourceMembers(block: MediaBlock, context: EncodeContext): JsonObject | undefined {
  const { source, kind } = block
  switch (source.type) {
    case "url":
      if (block.mime !== undefined)
        context.note({ code: "field-unsupported", path: `${context.path}.mime`, effect: "dropped", side: context.side })
      return { type: "url", url: source.url }
    case "pin":
      return fileSource(source.pin, context)
    case "text":
      if (kind === "image") return undefined
      if (block.mime !== plainText)
        context.note({ code: "field-adapted", path: `${context.path}.mime`, effect: "adapted", side: context.side })
      return { type: "text", media_type: plainText, data: source.text }
    case "base64":
      return kind === "image" ? imageBytes(block, source.data, context) : documentBytes(block, source.data, context)
    default:
      return source satisfies never
  }
}

/** First characters of the base64 of what the vendor takes as an image. */
const magic: readonly (readonly [start: string, mime: string])[] = [
  ["iVBOR", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
]

function imageBytes(block: MediaBlock, data: string, context: EncodeContext): JsonObject {
  const mime = block.mime ?? magic.find(([start]) => data.startsWith(start))?.[1] ?? "image/png"
  if (block.mime === undefined)
    context.note({ code: "field-adapted", path: `${context.path}.mime`, effect: "adapted", side: context.side })
  return { type: "base64", media_type: mime, data }
}

/** Bytes may only be a PDF; those of a text are sent as text. */
function documentBytes(block: MediaBlock, data: string, context: EncodeContext): JsonObject | undefined {
  const mime = block.mime ?? "application/pdf"
  if (mime.startsWith("text/") || mime === "application/json") {
    context.note({ code: "block-adapted", path: context.path, effect: "adapted", side: context.side })
    return { type: "text", media_type: plainText, data: Buffer.from(data, "base64").toString("utf8") }
  }
  if (mime !== "application/pdf" && context.exchange.client !== context.wire) return undefined
  if (block.mime === undefined)
    context.note({ code: "field-adapted", path: `${context.path}.mime`, effect: "adapted", side: context.side })
  return { type: "base64", media_type: mime, data }
}

function fileSource(pin: Pin, context: EncodeContext): JsonObject {
  requirePin(pin, context)
  return { type: "file", file_id: pin.id }
}

/** Throws when the target cannot know what the pin names: leaving it out would lose what it stands for. */
export function requirePin(pin: Pin, context: EncodeContext): void {
  if (context.side === "response") return
  const { issuer, account } = context.exchange.target
  const isKnown = pin.issuer === issuer && (pin.account === undefined || account === undefined || pin.account === account)
  if (isKnown && (pin.kind === "file" || pin.kind === "container")) return
  context.note({ code: "pin-unsupported", path: context.path, effect: "refused", side: "request" })
  throw fault("unsupported", `The ${pin.kind} "${pin.id}" belongs to ${pin.issuer}, where this request does not go.`)
}
