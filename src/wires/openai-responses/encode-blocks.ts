import type { Block, CacheHint, MediaBlock, RefusalBlock, TextBlock } from "../../core/block.ts"
import { project } from "../../core/lens.ts"
import { originOf, type Place } from "../../core/node.ts"
import type { Note } from "../../core/notice.ts"
import { asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { encodeCitations, encodeLogprobs } from "./citations.ts"
import { wireId } from "./types.ts"

/** Where parts are written to. `output`: in what the model said, whose parts have other names. */
export interface PartContext {
  readonly output: boolean
  readonly side: Place
  readonly note: Note
  readonly path: string
  /** The target takes cache breakpoints. */
  readonly cacheMarks: boolean
  /** The other side speaks another format, so what it leaves open has to be said. */
  readonly translated: boolean
}

const textTable = {
  text: ["text", "annotations", "logprobs"],
  citations: ["annotations"],
  logprobs: ["logprobs"],
  cache: ["prompt_cache_breakpoint"],
} as const
const refusalTable = { text: ["refusal"] } as const
const mediaTable = {
  kind: ["type"],
  mime: ["image_url", "file_data", "input_audio"],
  source: ["image_url", "file_id", "file_data", "file_url", "input_audio"],
  name: ["filename"],
  detail: ["detail"],
  cache: ["prompt_cache_breakpoint"],
} as const

/** One part of a message's content; undefined, with a notice, for what no part can hold. */
export function encodePart(block: Block, context: PartContext): Json | undefined {
  switch (block.type) {
    case "text":
      return encodeText(block, context)
    case "refusal":
      return projected(block, context, refusalTable, () => buildRefusal(block, context))
    case "media":
      return encodeMedia(block, context)
    case "data":
      note(context, "block-adapted", "adapted")
      return { type: context.output ? "output_text" : "input_text", text: block.json, ...(context.output ? outputExtras : {}) }
    case "foreign":
      if (block.wire === wireId) return block.value
      note(context, "block-unsupported", "dropped")
      return undefined
    default:
      note(context, "block-unsupported", "dropped")
      return undefined
  }
}

const outputExtras: JsonObject = { annotations: [] }

const note = (context: PartContext, code: "block-adapted" | "block-unsupported", effect: "adapted" | "dropped"): void =>
  context.note({ code, path: context.path, effect, side: context.side })

/** A string source is good only where a string stands: in a list its part is built. Nothing is built for a part that goes out as it came. */
function projected(
  block: Block,
  context: PartContext,
  table: Readonly<Record<string, readonly string[]>>,
  build: () => JsonObject | undefined,
): Json | undefined {
  const from = originOf(block)
  if (from?.wire === wireId && typeof from.json === "string") return build()
  let failed = false
  const place = from?.place ?? context.side
  const { note, side, path } = context
  const json = project(block, { wire: wireId, place, note, side, path }, table, () => {
    const built = build()
    failed = built === undefined
    return built ?? {}
  })
  return failed ? undefined : json
}

/** Text the hub edited has lost what was counted in its letters. */
function buildText(block: TextBlock, context: PartContext): JsonObject {
  if (!context.output) {
    if (block.citations?.length) drop(context, "citation-unsupported", "citations")
    if (block.logprobs?.length) drop(context, "logprobs-unsupported", "logprobs")
    return { type: "input_text", text: block.text, ...buildCache(block.cache, context) }
  }
  if (block.cache) drop(context, "cache-unsupported", "cache")
  const stale = isTextEdited(block)
  const citations = stale
    ? []
    : encodeCitations(block.citations ?? [], context.path, originPlace(block, context), context.side, context.note)
  const logprobs = stale ? [] : encodeLogprobs(block.logprobs)
  const isNeeded = context.side === "response" || (block.logprobs?.length ?? 0) > 0
  return {
    type: "output_text",
    annotations: citations,
    ...(isNeeded ? { logprobs } : {}),
    text: block.text,
  }
}

const originPlace = (block: Block, context: PartContext): Place => originOf(block)?.place ?? context.side

function isTextEdited(block: TextBlock): boolean {
  const view = originOf(block)?.view as TextBlock | undefined
  return view !== undefined && view.text !== block.text && view.citations === block.citations && view.logprobs === block.logprobs
}

const drop = (context: PartContext, code: "citation-unsupported" | "logprobs-unsupported" | "cache-unsupported", field: string) =>
  context.note({ code, path: `${context.path}.${field}`, effect: "dropped", side: context.side })

/** Lifetimes that a breakpoint may name. */
const lifetimes = new Set(["30m", "12h"])

function buildCache(cache: CacheHint | undefined, context: PartContext): JsonObject {
  if (!cache) return {}
  if (!context.cacheMarks) {
    drop(context, "cache-unsupported", "cache")
    return {}
  }
  const { ttl } = cache
  if (ttl === undefined || lifetimes.has(ttl))
    return { prompt_cache_breakpoint: { mode: "explicit", ...(ttl === undefined ? {} : { ttl }) } }
  drop(context, "cache-unsupported", "cache.ttl")
  return { prompt_cache_breakpoint: { mode: "explicit" } }
}

function encodeText(block: TextBlock, context: PartContext): Json | undefined {
  const from = originOf(block)
  const moved = from?.wire === wireId && !context.output && partType(from.json) === "output_text"
  return moved ? buildText(block, context) : projected(block, context, textTable, () => buildText(block, context))
}

const partType = (json: Json | undefined): string | undefined => asString(asObject(json)?.type)

function buildRefusal(block: RefusalBlock, context: PartContext): JsonObject {
  if (context.output) return { type: "refusal", refusal: block.text }
  note(context, "block-adapted", "adapted")
  return { type: "input_text", text: block.text }
}

/** What a model said aloud is shown as its transcript: output has no media. */
function encodeMedia(block: MediaBlock, context: PartContext): Json | undefined {
  return projected(block, context, mediaTable, () => {
    const transcript = context.output ? block.transcript : undefined
    if (transcript !== undefined) {
      note(context, "block-adapted", "adapted")
      return { type: "output_text", ...outputExtras, text: transcript }
    }
    const built = context.output ? undefined : buildMedia(block, context)
    if (built === undefined)
      context.note({ code: "media-unsupported", path: context.path, effect: "dropped", side: context.side })
    else if (block.transcript !== undefined)
      context.note({ code: "field-unsupported", path: `${context.path}.transcript`, effect: "dropped", side: context.side })
    return built
  })
}

function buildMedia(block: MediaBlock, context: PartContext): JsonObject | undefined {
  switch (block.kind) {
    case "image":
      return buildImage(block, context)
    case "document":
      return buildFile(block, context)
    case "audio":
      return buildAudio(block, context)
    case "video":
      return undefined
    default:
      return block.kind satisfies never
  }
}

function buildImage(block: MediaBlock, context: PartContext): JsonObject | undefined {
  const { source, detail } = block
  const more = { ...(detail === undefined ? {} : { detail }), ...buildCache(block.cache, context) }
  switch (source.type) {
    case "base64":
      return { type: "input_image", image_url: `data:${block.mime ?? "image/png"};base64,${source.data}`, ...more }
    case "url":
      return { type: "input_image", image_url: source.url, ...more }
    case "pin":
      return { type: "input_image", file_id: source.pin.id, ...more }
    case "text":
      return undefined
    default:
      return source satisfies never
  }
}

function buildFile(block: MediaBlock, context: PartContext): JsonObject {
  const { source, detail } = block
  const more = { ...(detail === undefined ? {} : { detail }), ...buildCache(block.cache, context) }
  const named = block.name === undefined ? {} : { filename: block.name }
  switch (source.type) {
    case "base64": {
      const data = block.mime === undefined ? source.data : `data:${block.mime};base64,${source.data}`
      return { type: "input_file", ...fileName(block, context), file_data: data, ...more }
    }
    case "url":
      return { type: "input_file", file_url: source.url, ...named, ...more }
    case "pin":
      return { type: "input_file", file_id: source.pin.id, ...named, ...more }
    case "text": {
      note(context, "block-adapted", "adapted")
      const data = Buffer.from(source.text).toString("base64")
      return { type: "input_file", ...fileName(block, context), file_data: `data:text/plain;base64,${data}`, ...more }
    }
    default:
      return source satisfies never
  }
}

/** The vendor tells the format of uploaded data by its file name, so data from other formats is given one. */
function fileName(block: MediaBlock, context: PartContext): JsonObject {
  if (block.name !== undefined) return { filename: block.name }
  if (!context.translated) return {}
  context.note({ code: "field-adapted", path: `${context.path}.name`, effect: "adapted", side: context.side })
  return { filename: `document.${extensionOf(block)}` }
}

function extensionOf(block: MediaBlock): string {
  if (block.source.type === "text") return "txt"
  switch (block.mime) {
    case "text/plain":
      return "txt"
    case "text/markdown":
      return "md"
    case "text/html":
      return "html"
    case "text/csv":
      return "csv"
    default:
      return "pdf"
  }
}

function buildAudio(block: MediaBlock, context: PartContext): JsonObject | undefined {
  if (block.source.type !== "base64") return undefined
  const format = audioFormat(block.mime)
  return { type: "input_audio", input_audio: { data: block.source.data, format }, ...buildCache(block.cache, context) }
}

function audioFormat(mime: string | undefined): string {
  const kind = mime?.split(";")[0]?.split("/")[1] ?? "wav"
  if (kind === "mpeg" || kind === "mp3") return "mp3"
  return kind.startsWith("x-") ? kind.slice(2) : kind
}
