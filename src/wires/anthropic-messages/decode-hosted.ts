import type { Block, Seal } from "../../core/block.ts"
import { asArray, asObject, asString, isJsonText, type Json, type JsonObject, parseJson, stringifyJson } from "../../lib/json.ts"
import type { Shape } from "./shape.ts"
import { type DecodeContext, ride, wireId } from "./types.ts"

/** Names the blocks of a call and its result among the kinds of seals. */
const blocksSeal = "blocks"

/**
 * Callers of other formats have no room for what the vendor wants back of a tool that it ran, such as the text of the pages it found: it travels as
 * a seal of the call.
 */
export function sealOfBlocks(blocks: readonly Json[], { issuer }: DecodeContext): Seal {
  const id = asString(asObject(blocks[0])?.id)
  return { issuer, kind: blocksSeal, data: stringifyJson(blocks), ...(id ? { id } : {}) }
}

/** The blocks that a seal of a call stands for. */
export function sealedBlocks({ kind, data }: Seal): readonly Json[] | undefined {
  return kind === blocksSeal && isJsonText(data) ? asArray(parseJson(data)) : undefined
}

export const isResultFor = (json: Json, id: string): boolean => {
  const object = asObject(json)
  return object?.tool_use_id === id && object.type !== "tool_result"
}

/** Each call that the vendor answered itself with the seal of all that it said of it. */
export function withSealedCalls(blocks: readonly Block[], list: readonly Json[], context: DecodeContext): readonly Block[] {
  return blocks.map((block) => {
    if (block.type !== "tool-call" || block.by !== "provider" || block.seal) return block
    const call = list.find((json) => asObject(json)?.id === block.id)
    const result = list.find((json) => isResultFor(json, block.id))
    if (call === undefined) return block
    return { ...block, seal: sealOfBlocks(result === undefined ? [call] : [call, result], context) }
  })
}

/** What the vendor's own tool answered, for callers of other formats: pages and texts; whatever else it says stays its own. */
export function readAnswer(json: Json | undefined, context: DecodeContext): readonly Block[] {
  const pages = asArray(json)
  if (pages) return pages.map((page) => readPage(page, context))
  const said = asObject(json)
  if (!said) return []
  const code = asString(said.error_code)
  if (code !== undefined) return [ride<Block>({ type: "text", text: code }, context)]
  const texts = [asString(said.stdout), asString(said.stderr)]
  if (texts.every((text) => text === undefined)) return [foreign(said, context)]
  const files = asArray(said.content) ?? []
  return [
    ...texts.flatMap((text) => (text ? [ride<Block>({ type: "text", text }, context)] : [])),
    ...files.map((file) => foreign(file, context)),
  ]
}

/** The same without what only the vendor can open. */
export function readable(json: Json): Json {
  if (Array.isArray(json)) return json.map(readable)
  const object = asObject(json)
  if (!object) return json
  const open = Object.entries(object).filter(([key]) => !key.startsWith("encrypted_"))
  return Object.fromEntries(open.map(([key, value]) => [key, readable(value)]))
}

const pageShape: Shape = { type: "any", url: "any", title: "any", encrypted_content: "any" }

function readPage(json: Json, context: DecodeContext): Block {
  const page = asObject(json)
  const url = asString(page?.url)
  if (!page || url === undefined) return foreign(json, context)
  const title = asString(page.title)
  const source = { type: "url" as const, url }
  return ride<Block>({ type: "media", kind: "document", source, ...(title ? { name: title } : {}) }, context, page, pageShape)
}

const foreign = (json: Json, context: DecodeContext): Block =>
  ride<Block>({ type: "foreign", wire: wireId, value: json }, context, asObject(json) as JsonObject | undefined, "any")
