import type { Block, Citation, Logprob, MediaBlock, TextBlock, ToolCallBlock, ToolResultBlock } from "../../core/block.ts"
import { fault } from "../../core/error.ts"
import { restOf } from "../../core/lens.ts"
import type { Message, Role } from "../../core/message.ts"
import { attach, type Draft, nothing, type Origin, originOf, type Place } from "../../core/node.ts"
import { asArray, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { readAnnotations } from "./annotations.ts"
import { readCalls } from "./decode-calls.ts"
import { readContent } from "./decode-content.ts"
import { type ReadReasoning, readReasoning } from "./decode-reasoning.ts"
import { decodeAudio, decodeMediaPart, fragment, mediaKeys } from "./media.ts"
import type { Reader } from "./reader.ts"
import { interleave, restoreSeals } from "./seal-place.ts"
import { given, joined, messageKeys, wireId } from "./types.ts"

/** Calls of a history that no result has answered yet, for results that do not name theirs. */
export interface OpenCalls {
  opened(blocks: readonly Block[]): void
  /** The call that a result answers: the one it names, else the first open one, of that name if there is one. */
  answered(id: string | undefined, name: string | undefined): { readonly id?: string; readonly form?: "text" }
}

export function openCalls(): OpenCalls {
  let open: ToolCallBlock[] = []
  return {
    opened(blocks) {
      for (const block of blocks) if (block.type === "tool-call") open.push(block)
    },
    answered(id, name) {
      const found = open.find((call) => (id === undefined ? name === undefined || call.name === name : call.id === id))
      open = open.filter((call) => call !== found)
      return { ...given("id", id ?? found?.id), ...given("form", found?.form) }
    },
  }
}

/** One message of a request. */
export function decodeRequestMessage(json: Json, path: string, reader: Reader, open: OpenCalls): Message {
  const source = asObject(json)
  if (!source) throw fault("invalid-request", `${path} must be an object with a role and content`, { param: path })
  const role = asString(source.role)
  switch (role) {
    case "system":
    case "developer":
    case "user":
      return attached(source, role, readContent(source.content, source, reader, path), reader)
    case "assistant": {
      const message = decodeAssistant(source, reader, path)
      open.opened(message.blocks)
      return message
    }
    case "tool":
    case "function":
      return decodeResult(source, path, reader, open)
    default:
      throw fault("invalid-request", `${path}.role must be one of system, developer, user, assistant, tool or function`, {
        param: `${path}.role`,
      })
  }
}

function attached(source: JsonObject, role: Role, blocks: readonly Block[], reader: Reader): Message {
  const message: Draft<Message> = { role, blocks }
  const name = asString(source.name)
  if (name !== undefined) message.name = name
  const isUncached = source.cache_control !== undefined && asArray(source.content) !== undefined
  const rest = joined(restOf(source, messageKeys), isUncached ? uncached : nothing)
  return attach<Message>(message, { wire: wireId, place: reader.place, json: source, rest })
}

const uncached: readonly string[] = ["cache_control"]

function decodeResult(source: JsonObject, path: string, reader: Reader, open: OpenCalls): Message {
  const name = asString(source.name)
  const { id, form } = open.answered(asString(source.tool_call_id), name)
  if (id === undefined)
    throw fault("invalid-request", `${path}.tool_call_id must name the tool call that this message answers`, {
      param: `${path}.tool_call_id`,
    })
  const result: ToolResultBlock = {
    type: "tool-result",
    id,
    ...given("name", name),
    content: readContent(source.content, {}, reader, path),
    ...given("form", form),
  }
  const block = attach<Block>(result, { wire: wireId, place: reader.place })
  const message: Message = { role: "user", blocks: [block] }
  return attach(message, { wire: wireId, place: reader.place, json: source, rest: restOf(source, messageKeys) })
}

/**
 * An assistant's message, of a history or an answer; `logprobs` of an answer stand beside it. Blocks come in this order, unless seals tell
 * their places.
 */
export function decodeAssistant(source: JsonObject, reader: Reader, path: string, logprobs?: readonly Logprob[]): Message {
  const said = readSaid(source, reader, path, logprobs)
  const reasoning = readReasoning(source, reader)
  return attached(source, "assistant", reasoning ? withReasoning(said, reasoning, reader) : said, reader)
}

/** All that is not thinking. */
function readSaid(source: JsonObject, reader: Reader, path: string, logprobs: readonly Logprob[] | undefined): readonly Block[] {
  const notes = asArray(source.annotations)
  const annotations = notes && notes.length > 0 ? readAnnotations(notes, reader.place) : undefined
  const text = readContent(source.content, source, reader, path)
  const content = annotations || logprobs ? annotated(text, annotations?.citations ?? nothing, logprobs) : text
  const beside = joined(annotations?.others ?? nothing, readRefusal(source, reader))
  const media = joined(readImages(source, reader), readAudio(source, reader))
  return joined(joined(content, beside), joined(media, readCalls(source, reader)))
}

/** Thinking comes first, but for that whose seal tells its place. */
function withReasoning(said: readonly Block[], reasoning: ReadReasoning, reader: Reader): readonly Block[] {
  const { blocks, stale } = restoreSeals(said, reasoning.loose)
  for (let count = 0; count < stale; count++) reader.stale()
  const placed = reasoning.blocks.flatMap(({ block, at }) => (at === undefined ? [] : [{ block, at }]))
  const unplaced = reasoning.blocks.flatMap(({ block, at }) => (at === undefined ? [block] : []))
  return interleave([...unplaced, ...blocks], placed)
}

/** Citations and log probabilities go to the text: to the vendor all of it is one string. */
function annotated(
  blocks: readonly Block[],
  citations: readonly Citation[],
  logprobs: readonly Logprob[] | undefined,
): readonly Block[] {
  if (citations.length === 0 && !logprobs) return blocks
  const starts = new Map<Block, number>()
  let offset = 0
  for (const block of blocks) {
    if (block.type !== "text") continue
    starts.set(block, offset)
    offset += [...block.text].length
  }
  const [first] = starts.keys()
  const owner = ({ span }: Citation): Block | undefined =>
    (span && [...starts].findLast(([, start]) => start <= span[0])?.[0]) ?? first
  return blocks.map((block) => {
    if (block.type !== "text") return block
    const mine = citations.filter((citation) => owner(citation) === block)
    const made: TextBlock = {
      ...block,
      ...(mine.length > 0 ? { citations: mine.map((one) => moved(one, -(starts.get(block) ?? 0))) } : {}),
      ...given("logprobs", block === first ? logprobs : undefined),
    }
    return reattached(made, originOf(block))
  })
}

function moved(citation: Citation, by: number): Citation {
  if (by === 0 || !citation.span) return citation
  const from = originOf(citation)
  const span = [citation.span[0] + by, citation.span[1] + by] as const
  return from ? attach({ ...citation, span }, from) : { ...citation, span }
}

const reattached = (block: Block, from: Origin | undefined): Block => (from ? attach<Block>(block, from) : block)

function readRefusal(source: JsonObject, { place }: Reader): readonly Block[] {
  const text = asString(source.refusal)
  return text === undefined || text === "" ? nothing : [attach<Block>({ type: "refusal", text }, { wire: wireId, place })]
}

const imageKeys: ReadonlySet<string> = new Set(["type", "image_url", "index"])

/** Images that a model made, beside the text. */
function readImages(source: JsonObject, { place }: Reader): readonly Block[] {
  return asArray(source.images)?.map((json) => readImage(json, place)) ?? nothing
}

function readImage(json: Json, place: Place): Block {
  const part = asObject(json)
  const block: MediaBlock | undefined = part?.image_url === undefined ? undefined : decodeMediaPart("image_url", part)
  const inner = restOf(asObject(part?.image_url) ?? {}, mediaKeys.image_url).map((key) => `image_url.${key}`)
  return attach<Block>(block ?? { type: "foreign", wire: wireId, value: fragment("images", json) }, {
    wire: wireId,
    place,
    json,
    rest: [...restOf(part ?? {}, imageKeys), ...inner],
  })
}

const audioKeys: ReadonlySet<string> = new Set(["id", "data", "expires_at", "transcript"])

function readAudio(source: JsonObject, { place }: Reader): readonly Block[] {
  const audio = asObject(source.audio)
  if (!audio) return nothing
  const block = decodeAudio(audio)
  const value = { type: "foreign", wire: wireId, value: fragment("audio", audio) } as const
  return [attach<Block>(block ?? value, { wire: wireId, place, json: audio, rest: restOf(audio, audioKeys) })]
}
