import type { Block, ReasoningBlock, TextBlock } from "../../core/block.ts"
import { fault } from "../../core/error.ts"
import { restOf } from "../../core/lens.ts"
import { attach, type Draft, nothing } from "../../core/node.ts"
import { asArray, asObject, asString, type Json, type JsonObject, stringifyJson } from "../../lib/json.ts"
import { cacheRest, readCache } from "./cache.ts"
import { decodeMediaPart, fragment, isMediaType, mediaKeys } from "./media.ts"
import type { Reader } from "./reader.ts"
import { given, joined, partKeys, wireId } from "./types.ts"

/** The blocks of a message's `content`. An empty string says nothing; an empty part stays, for its cache mark may count. */
export function readContent(content: Json | undefined, message: JsonObject, reader: Reader, path: string): readonly Block[] {
  if (content === undefined || content === null || content === "") return nothing
  const text = asString(content)
  if (text !== undefined) {
    const block: Draft<TextBlock> = { type: "text", text }
    const cache = readCache(message)
    if (cache) block.cache = cache
    return [attach<TextBlock>(block, { wire: wireId, place: reader.place })]
  }
  const parts = asArray(content)
  if (parts) return decodeParts(parts, reader)
  if (reader.place === "request")
    throw fault("invalid-request", `${path}.content must be a string, null or an array of content parts`, {
      param: `${path}.content`,
    })
  return [attach<Block>({ type: "text", text: stringifyJson(content) }, { wire: wireId, place: reader.place })]
}

function decodeParts(parts: readonly Json[], reader: Reader): readonly Block[] {
  const blocks: Block[] = []
  for (const part of parts) blocks.push(decodePart(part, reader))
  return blocks
}

/** One content part. */
export function decodePart(json: Json, { place }: Reader): Block {
  const from = { wire: wireId, place, json }
  const part = asObject(json)
  const type = asString(part?.type) ?? ""
  if (!part) {
    const text = asString(json)
    return text === undefined ? unknownPart(json, from) : attach<Block>({ type: "text", text }, from)
  }
  const text = asString(part.text)
  if (type === "text" && text !== undefined) {
    const block: Draft<TextBlock> = { type: "text", text }
    const cache = readCache(part)
    if (cache) block.cache = cache
    return attach<TextBlock>(block, { wire: wireId, place, json, rest: joined(restOf(part, partKeys.text), cacheRest(part)) })
  }
  const refusal = asString(part.refusal)
  if (type === "refusal" && refusal !== undefined)
    return attach<Block>({ type: "refusal", text: refusal }, { ...from, rest: restOf(part, partKeys.refusal) })
  if (type === "thinking") {
    const thinking = decodeThinking(part)
    return thinking
      ? attach<Block>(thinking, { ...from, rest: [...restOf(part, thinkingKeys), ...innerThinking(part)] })
      : unknownPart(json, from)
  }
  const media = isMediaType(type) ? decodeMediaPart(type, part) : undefined
  if (!media || !isMediaType(type)) return unknownPart(json, from)
  const inner = restOf(asObject(part[type]) ?? {}, mediaKeys[type]).map((key) => `${type}.${key}`)
  return attach<Block>(
    { ...media, ...given("cache", readCache(part)) },
    { ...from, rest: [...restOf(part, partKeys[type]), ...inner, ...cacheRest(part)] },
  )
}

const thinkingKeys: ReadonlySet<string> = new Set(["type", "thinking", "closed"])
const innerKeys: ReadonlySet<string> = new Set(["type", "text"])

const innerThinking = (part: JsonObject): readonly string[] =>
  (asArray(part.thinking) ?? []).flatMap((one) => restOf(asObject(one) ?? {}, innerKeys).map((key) => `thinking.${key}`))

const unknownPart = (json: Json, from: { wire: string; place: Reader["place"]; json: Json }): Block =>
  attach<Block>({ type: "foreign", wire: wireId, value: fragment("content", json) }, from)

/** Thinking inside the content array: `{type:"thinking", thinking:[{type:"text", text}]}`, or a plain string. */
function decodeThinking(part: JsonObject): ReasoningBlock | undefined {
  const text = asString(part.thinking)
  if (text !== undefined) return { type: "reasoning", parts: [{ text }] }
  const parts = asArray(part.thinking)?.map((one) => asString(asObject(one)?.text))
  if (!parts?.every((one) => one !== undefined)) return undefined
  return { type: "reasoning", parts: parts.map((one) => ({ text: one })) }
}
