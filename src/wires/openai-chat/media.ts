import type { MediaBlock, Source } from "../../core/block.ts"
import { fault } from "../../core/error.ts"
import type { Exchange } from "../../core/exchange.ts"
import type { Place } from "../../core/node.ts"
import { asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { anyIssuer, given, members } from "./types.ts"

const dataUrl = /^data:([^;,]*)((?:;[^;,]*)*?);base64,/

/** The source of a URL: a base64 data URL is taken apart, any other stays a reference. */
export function sourceOfUrl(url: string): { readonly mime?: string; readonly source: Source } {
  const match = dataUrl.exec(url)
  if (!match) return { source: { type: "url", url } }
  const [head, mime = "", parameters = ""] = match
  return { ...given("mime", mime + parameters || undefined), source: { type: "base64", data: url.slice(head.length) } }
}

const urlOf = (source: Source, mime: string | undefined, fallback: string): string | undefined => {
  if (source.type === "url") return source.url
  return source.type === "base64" ? `data:${mime ?? fallback};base64,${source.data}` : undefined
}

const audioFormats: ReadonlyMap<string, string> = new Map([
  ["wav", "audio/wav"],
  ["mp3", "audio/mpeg"],
  ["m4a", "audio/mp4"],
])

const mimeOfFormat = (format: string): string => audioFormats.get(format) ?? `audio/${format}`

function formatOfMime(mime: string | undefined): string {
  if (mime === undefined || mime === "audio/x-wav" || mime === "audio/wave") return "wav"
  for (const [format, known] of audioFormats) if (known === mime) return format
  return mime.replace(/^audio\//, "")
}

type MediaType = "image_url" | "video_url" | "input_audio" | "file"

/** A media part; undefined when its value has a shape nobody knows. */
export function decodeMediaPart(type: MediaType, part: JsonObject): MediaBlock | undefined {
  const value = part[type]
  const inner = asObject(value)
  switch (type) {
    case "image_url":
    case "video_url": {
      const url = asString(value) ?? asString(inner?.url)
      if (url === undefined) return undefined
      const kind = type === "image_url" ? "image" : "video"
      return { type: "media", kind, ...sourceOfUrl(url), ...given("detail", asString(inner?.detail)) }
    }
    case "input_audio": {
      const data = asString(inner?.data)
      const format = asString(inner?.format)
      if (data === undefined) return undefined
      return {
        type: "media",
        kind: "audio",
        ...given("mime", format === undefined ? undefined : mimeOfFormat(format)),
        source: { type: "base64", data },
      }
    }
    case "file":
      return inner && decodeFile(inner)
    default:
      return type satisfies never
  }
}

function decodeFile(file: JsonObject): MediaBlock | undefined {
  const name = given("name", asString(file.filename))
  const id = asString(file.file_id)
  if (id !== undefined)
    return { type: "media", kind: "document", source: { type: "pin", pin: { kind: "file", id, issuer: anyIssuer } }, ...name }
  const data = asString(file.file_data)
  if (data === undefined) return undefined
  const isUrl = /^(?:data|https?):/.test(data)
  const source = isUrl ? sourceOfUrl(data) : { source: { type: "base64" as const, data } }
  return { type: "media", kind: "document", ...source, ...name }
}

/** Keys inside a media part's value that no hub field holds. */
export const mediaKeys: Readonly<Record<MediaType, ReadonlySet<string>>> = {
  image_url: new Set(["url", "detail"]),
  video_url: new Set(["url", "detail"]),
  input_audio: new Set(["data", "format"]),
  file: new Set(["file_id", "file_data", "filename"]),
}

export const isMediaType = (type: string): type is MediaType => Object.hasOwn(mediaKeys, type)

/** An id at a vendor is sent only where its issuer reads it; anything else would lose the context. */
export function pinnedId(pin: Extract<Source, { type: "pin" }>["pin"], exchange: Exchange, path: string): string {
  if (pin.issuer === anyIssuer || pin.issuer === exchange.target.issuer) return pin.id
  throw fault("unsupported", `the ${pin.kind} ${pin.id} is kept by another vendor and cannot be sent to this model`, {
    param: path,
  })
}

/** The part's keys but for its cache mark; undefined, with a notice, for what this wire cannot carry. */
export function encodeMediaPart(block: MediaBlock, exchange: Exchange, side: Place, path: string): JsonObject | undefined {
  const { kind, source, mime } = block
  const part = partOf(block, exchange, path)
  if (part) {
    if (block.detail !== undefined && kind !== "image" && kind !== "video")
      exchange.note({ code: "field-unsupported", path: `${path}.detail`, effect: "dropped", side })
    return part
  }
  if (kind === "document" && source.type === "text") {
    exchange.note({ code: "block-adapted", path, effect: "adapted", side })
    return { type: "text", text: source.text }
  }
  exchange.note({ code: "media-unsupported", path: mime === undefined ? path : `${path}.mime`, effect: "dropped", side })
  return undefined
}

function partOf({ kind, source, mime, name, detail }: MediaBlock, exchange: Exchange, path: string): JsonObject | undefined {
  switch (kind) {
    case "image":
    case "video": {
      if (source.type === "pin") pinnedElsewhere(source, path)
      const url = urlOf(source, mime, kind === "image" ? "image/png" : "video/mp4")
      const key = kind === "image" ? "image_url" : "video_url"
      return url === undefined ? undefined : { type: key, [key]: members({ url, detail }) }
    }
    case "audio":
      if (source.type !== "base64") return undefined
      return {
        type: "input_audio",
        input_audio: members({ data: source.data, format: mime === undefined ? undefined : formatOfMime(mime) }),
      }
    case "document": {
      if (source.type === "pin")
        return { type: "file", file: members({ file_id: pinnedId(source.pin, exchange, path), filename: name }) }
      const data = mime === undefined && source.type === "base64" ? source.data : urlOf(source, mime, "application/pdf")
      return data === undefined ? undefined : { type: "file", file: members({ file_data: data, filename: name }) }
    }
    default:
      return kind satisfies never
  }
}

function pinnedElsewhere({ pin }: Extract<Source, { type: "pin" }>, path: string): never {
  throw fault("unsupported", `the ${pin.kind} ${pin.id} cannot be sent to this model by its id`, { param: path })
}

/** An answer's `audio`: the bytes, or in a history only the id. */
export function decodeAudio(audio: JsonObject): MediaBlock | undefined {
  const data = asString(audio.data)
  const id = asString(audio.id)
  const transcript = given("transcript", asString(audio.transcript))
  if (data !== undefined) return { type: "media", kind: "audio", source: { type: "base64", data }, ...transcript }
  if (id === undefined) return undefined
  return { type: "media", kind: "audio", source: { type: "pin", pin: { kind: "audio", id, issuer: anyIssuer } }, ...transcript }
}

/** A piece of a message that nobody modelled is kept as the message's key and the piece, so that it finds its place again. */
export const fragment = (key: string, piece: Json): JsonObject => ({ [key]: piece })

export const fragmentOf = (value: Json, key: string): Json | undefined => asObject(value)?.[key]
