import type { Block, CacheHint, MediaBlock, Source, TextBlock } from "../../core/block.ts"
import { attach, type Place } from "../../core/node.ts"
import { asArray, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { decodeCitations, decodeLogprobs } from "./citations.ts"
import { restOfShape } from "./rest.ts"
import { home, partShapes, wireId } from "./types.ts"

/** Text that is a string of its own in the source, such as the content of an easy message. */
export function plainText(text: string, place: Place, phase?: string): TextBlock {
  const block: TextBlock = { type: "text", text, ...(phase === undefined ? {} : { phase }) }
  return attach(block, { wire: wireId, place, json: text })
}

/** Content as a string or a list of parts; anything else is no content. The phase is the whole message's on this wire. */
export function decodeContent(json: Json | undefined, place: Place, phase?: string): readonly Block[] {
  const text = asString(json)
  if (text !== undefined) return [plainText(text, place, phase)]
  return (asArray(json) ?? []).map((part) => decodePart(part, place, phase))
}

export function decodePart(json: Json, place: Place, phase?: string): Block {
  const part = asObject(json)
  const type = part && asString(part.type)
  if (!part || type === undefined || !isPartType(type)) return foreign(json, place)
  const read = readPart(part, type, place)
  const block = read?.type === "text" && phase !== undefined ? { ...read, phase } : read
  return block ? attach(block, { wire: wireId, place, json, rest: restOfShape(part, partShapes[type]) }) : foreign(json, place)
}

type PartType = keyof typeof partShapes

const isPartType = (type: string): type is PartType => Object.hasOwn(partShapes, type)

function foreign(value: Json, place: Place): Block {
  const block: Block = { type: "foreign", wire: wireId, value }
  return attach(block, { wire: wireId, place, json: value })
}

function readPart(part: JsonObject, type: PartType, place: Place): Block | undefined {
  switch (type) {
    case "input_text":
      return { type: "text", text: asString(part.text) ?? "", ...readCache(part) }
    case "output_text": {
      const citations = decodeCitations(part.annotations, place)
      const logprobs = decodeLogprobs(part.logprobs)
      return {
        type: "text",
        text: asString(part.text) ?? "",
        ...(citations.length > 0 ? { citations } : {}),
        ...(logprobs ? { logprobs } : {}),
      }
    }
    case "refusal":
      return { type: "refusal", text: asString(part.refusal) ?? "" }
    case "input_image":
      return readImage(part)
    case "input_file":
      return readFile(part)
    case "input_audio":
      return readAudio(part)
    default:
      return type satisfies never
  }
}

/** A breakpoint after which the vendor caches the prompt. */
function readCache(part: JsonObject): { cache?: CacheHint } {
  const mark = asObject(part.prompt_cache_breakpoint)
  if (!mark) return {}
  const ttl = asString(mark.ttl)
  return { cache: ttl === undefined ? {} : { ttl } }
}

function readImage(part: JsonObject): MediaBlock | undefined {
  const file = asString(part.file_id)
  const url = asString(part.image_url)
  const detail = asString(part.detail)
  const found = file !== undefined ? filePin(file) : url !== undefined ? sourceOfUrl(url) : undefined
  if (!found) return undefined
  return { type: "media", kind: "image", ...found, ...(detail === undefined ? {} : { detail }), ...readCache(part) }
}

function readFile(part: JsonObject): MediaBlock | undefined {
  const file = asString(part.file_id)
  const url = asString(part.file_url)
  const data = asString(part.file_data)
  const name = asString(part.filename)
  const detail = asString(part.detail)
  const found =
    file !== undefined
      ? filePin(file)
      : data !== undefined
        ? sourceOfData(data)
        : url === undefined
          ? undefined
          : { source: { type: "url", url } as const }
  if (!found) return undefined
  const named = name === undefined ? {} : { name }
  return { type: "media", kind: "document", ...found, ...named, ...(detail === undefined ? {} : { detail }), ...readCache(part) }
}

function readAudio(part: JsonObject): MediaBlock | undefined {
  const audio = asObject(part.input_audio)
  const data = audio && asString(audio.data)
  const format = audio && asString(audio.format)
  if (data === undefined || format === undefined) return undefined
  const mime = format === "mp3" ? "audio/mpeg" : `audio/${format}`
  return { type: "media", kind: "audio", mime, source: { type: "base64", data }, ...readCache(part) }
}

const filePin = (id: string): { source: Source } => ({ source: { type: "pin", pin: { kind: "file", id, issuer: home } } })

const dataUrl = /^data:([^;,]*)((?:;[^;,]*)*),/

function sourceOfUrl(url: string): { source: Source; mime?: string } {
  const opened = openDataUrl(url)
  return opened ?? { source: { type: "url", url } }
}

/** File data is a data URL, or bare base64 from those who leave the prefix out. */
const sourceOfData = (data: string): { source: Source; mime?: string } =>
  openDataUrl(data) ?? { source: { type: "base64", data } }

function openDataUrl(url: string): { source: Source; mime?: string } | undefined {
  const match = dataUrl.exec(url.slice(0, 256))
  if (match?.[2] !== ";base64") return undefined
  const data = url.slice(match[0].length)
  return { source: { type: "base64", data }, ...(match[1] ? { mime: match[1] } : {}) }
}
