import type { Block, Citation } from "../../core/block.ts"
import type { At, Delta, StreamEvent } from "../../core/event.ts"
import { sealFrom } from "../../core/seal.ts"
import { asObject, asString, isJsonText, type Json, type JsonObject, parseJson } from "../../lib/json.ts"
import { decodeCitation } from "./citations.ts"
import { decodeBlock, freeText } from "./decode-blocks.ts"
import { type DecodeContext, wireId } from "./types.ts"

/** What one frame said; `changed` when it does not say the same to a client as it does here. */
export interface Heard {
  readonly events: readonly StreamEvent[]
  readonly changed?: true
}

export const nothing: Heard = { events: [] }

/** One block of a stream, from its start to its end. */
export interface OpenBlock {
  start(): Heard
  delta(delta: JsonObject): Heard
  /** Nothing from the second time on. */
  end(): Heard
  readonly at: At
  /** The wire's own block so far, of a call that the vendor runs. */
  hosted?(): JsonObject
  /** The block as far as a seal is put over it. */
  sofar(): Block
}

export function openBlock(json: Json, at: At, context: DecodeContext): OpenBlock {
  const block = decodeBlock(json, context, "content", at.block)
  const source = asObject(json) ?? {}
  return block.type === "tool-call" ? openCall(block, source, at) : openPlain(block, at, context)
}

const foreign = (value: Json): StreamEvent => ({ type: "foreign", wire: wireId, value })

function openPlain(block: Block, at: At, context: DecodeContext): OpenBlock {
  const citations: Citation[] = block.type === "text" ? [...(block.citations ?? [])] : []
  let text = block.type === "text" ? block.text : ""
  let ended = false

  const say = (delta: Delta): StreamEvent => ({ type: "block-delta", at, delta })

  function read(delta: JsonObject): readonly StreamEvent[] {
    switch (delta.type) {
      case "text_delta":
        text += asString(delta.text) ?? ""
        return asString(delta.text) ? [say({ type: "text", text: asString(delta.text) ?? "" })] : []
      case "thinking_delta":
        return asString(delta.thinking) ? [say({ type: "part", index: 0, text: asString(delta.thinking) ?? "" })] : []
      case "signature_delta":
        return sealSet(sealFrom(asString(delta.signature), context.issuer, "signature"))
      case "citations_delta":
        citations.push(decodeCitation(delta.citation ?? null, context))
        return [{ type: "block-set", at, set: { citations: [...citations] } }]
      case "compaction_delta":
        return [
          ...(asString(delta.content) ? [say({ type: "text", text: asString(delta.content) ?? "" })] : []),
          ...sealSet(sealFrom(asString(delta.encrypted_content), context.issuer, "encrypted")),
        ]
      default:
        return [foreign(delta)]
    }
  }

  const sealSet = ({ seal }: ReturnType<typeof sealFrom>): readonly StreamEvent[] =>
    seal ? [{ type: "block-set", at, set: { seal } }] : []

  return {
    at,
    sofar: () => (block.type === "text" ? { ...block, text } : block),
    start: () => ({ events: [{ type: "block-start", at, block }] }),
    delta: (delta) => (ended ? { events: [] } : { events: read(delta) }),
    end() {
      if (ended) return { events: [] }
      ended = true
      return { events: [{ type: "block-end", at }] }
    },
  }
}

type Call = Extract<Block, { type: "tool-call" }>

/** The input comes in pieces of JSON, or whole with the start. That of an imitated free-text tool is said at its end. */
function openCall(block: Call, source: JsonObject, at: At): OpenBlock {
  const isImitated = block.form === "text"
  const isRenamed = isImitated || block.id !== source.id || block.name !== source.name
  const whole = Object.keys(asObject(source.input) ?? {}).length > 0
  const first = whole ? block.input : ""
  let received = ""
  let ended = false

  const say = (text: string): StreamEvent => ({ type: "block-delta", at, delta: { type: "input", text } })
  const changed = isImitated ? { changed: true as const } : {}

  function piece(text: string): readonly StreamEvent[] {
    const isFirst = received === ""
    received += text
    if (isImitated) return []
    return isFirst && whole ? [{ type: "block-set", at, set: { input: "" } }, say(text)] : [say(text)]
  }

  function rest(): readonly StreamEvent[] {
    if (isImitated) {
      const text = received === "" ? "" : freeText(received)
      return text === "" ? [] : [say(text)]
    }
    return received === "" && !whole ? [say("{}")] : []
  }

  return {
    at,
    sofar: () => block,
    ...(block.by === "provider"
      ? { hosted: () => ({ ...source, ...(isJsonText(received) ? { input: parseJson(received) } : {}) }) }
      : {}),
    start: () => ({
      events: [{ type: "block-start", at, block: { ...block, input: first } }],
      ...(isRenamed ? { changed: true } : {}),
    }),
    delta(delta) {
      const text = delta.type === "input_json_delta" ? asString(delta.partial_json) : undefined
      if (text === undefined) return { events: [foreign(delta)] }
      return ended || text === "" ? { events: [], ...changed } : { events: piece(text), ...changed }
    },
    end() {
      if (ended) return { events: [] }
      ended = true
      return { events: [...rest(), { type: "block-end", at }], ...changed }
    },
  }
}
