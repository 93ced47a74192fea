import type { ToolCallBlock } from "../../core/block.ts"
import type { At, StreamEvent } from "../../core/event.ts"
import { openEnvelope, sealedHash } from "../../core/seal.ts"
import { asNumber, asObject, asString, isJsonText, type Json, type JsonObject, stringifyJson } from "../../lib/json.ts"
import { imitatedInput, signatureOf } from "./decode-calls.ts"
import { fragment } from "./media.ts"
import type { Reader } from "./reader.ts"
import { sealedText } from "./seal-place.ts"
import type { StreamBlocks } from "./stream-blocks.ts"
import { wireId } from "./types.ts"

export interface StreamCall {
  readonly at: At | undefined
  readonly block: ToolCallBlock
}

/** The tool calls of one choice, put together from pieces that may lack ids, indices or both. */
export interface StreamCalls {
  take(entry: JsonObject, out: StreamEvent[]): void
  /** The deprecated single call. */
  takeLegacy(call: JsonObject, out: StreamEvent[]): void
  close(out: StreamEvent[]): void
  readonly all: readonly StreamCall[]
}

interface Call {
  at: At | undefined
  readonly index: number | undefined
  readonly id: string | undefined
  name: string
  input: string
  readonly isText: boolean
  isImitated: boolean
  isEnded: boolean
  hasSeal: boolean
  envelope: string | undefined
  block: ToolCallBlock
}

const pieceOf = (json: Json | undefined): string =>
  json === undefined || json === null ? "" : (asString(json) ?? stringifyJson(json))

/** The calls so far, and what they are read and written with. */
interface Calls {
  readonly blocks: StreamBlocks
  readonly reader: Reader
  readonly list: Call[]
  legacy: Call | undefined
}

export function streamCalls(blocks: StreamBlocks, reader: Reader): StreamCalls {
  const calls: Calls = { blocks, reader, list: [], legacy: undefined }
  return {
    take: (entry, out) => takeEntry(calls, entry, out),
    takeLegacy(source, out) {
      calls.legacy ??= create(calls, undefined, undefined, false)
      grow(calls, calls.legacy, asString(source.name) ?? "", pieceOf(source.arguments), out)
    },
    close(out) {
      for (const call of calls.list) end(calls, call, out)
    },
    all: calls.list,
  }
}

function takeEntry(calls: Calls, entry: JsonObject, out: StreamEvent[]): void {
  const custom = asObject(entry.custom)
  const inner = asObject(entry.function) ?? custom
  const id = asString(entry.id) || undefined
  const index = asNumber(entry.index)
  const name = asString(inner?.name) ?? ""
  const call = find(calls, index, id, name) ?? create(calls, index, id, custom !== undefined || entry.type === "custom")
  grow(calls, call, name, pieceOf(custom ? custom.input : inner?.arguments), out)
  sign(calls, call, entry, out)
}

/** One vendor gives every call the same index, others give none: a new id is another call if its name is, or if the input before it is whole. */
function find({ list }: Calls, index: number | undefined, id: string | undefined, name: string): Call | undefined {
  const same = (call: Call): boolean => (index === undefined ? id !== undefined && call.id === id : call.index === index)
  const found = list.findLast(same) ?? (index === undefined && name === "" ? list.at(-1) : undefined)
  const isOther = found !== undefined && id !== undefined && name !== "" && found.id !== undefined && found.id !== id
  const isNamed = found !== undefined && found.name !== "" && found.name !== name
  return isOther && (found.isEnded || isNamed || isJsonText(found.input)) ? undefined : found
}

function create({ list }: Calls, index: number | undefined, id: string | undefined, isText: boolean): Call {
  const block: ToolCallBlock = { type: "tool-call", id: "", name: "", input: "" }
  const state = { at: undefined, name: "", input: "", isImitated: false, isEnded: false, hasSeal: false, envelope: undefined }
  const call: Call = { ...state, index, id, isText, block }
  list.push(call)
  return call
}

/** The vendor begins a call when the one before is whole. */
function begin(calls: Calls, call: Call, out: StreamEvent[]): void {
  const { blocks, reader } = calls
  for (const other of calls.list)
    if (other !== call && other.at && !other.isEnded && !other.isText && isJsonText(other.input)) end(calls, other, out)
  const form = call.isText || reader.isImitated(call.name) ? { form: "text" as const } : {}
  call.isImitated = !call.isText && form.form !== undefined
  const id = call.id === undefined ? reader.missingId(call.name, call.input) : reader.id(call.id)
  call.block = { type: "tool-call", id, ...reader.name(call.name), input: "", ...form }
  call.at = blocks.start(call.block, out)
}

function grow(calls: Calls, call: Call, name: string, piece: string, out: StreamEvent[]): void {
  if (call.name === "" && name !== "") call.name = name
  if (call.isEnded) {
    if (piece.trim() !== "") noteLate(calls)
    return
  }
  call.input += piece
  if (call.name === "") return
  const isFirst = call.at === undefined
  if (isFirst) begin(calls, call, out)
  const text = isFirst ? call.input : piece
  if (call.at && text !== "" && !call.isImitated) out.push({ type: "block-delta", at: call.at, delta: { type: "input", text } })
}

const noteLate = ({ reader }: Calls): void =>
  reader.note({
    code: "event-unsupported",
    path: "candidates[*].messages[*].blocks[*].input",
    effect: "dropped",
    side: "response",
  })

function sign({ reader }: Calls, call: Call, entry: JsonObject, out: StreamEvent[]): void {
  const data = signatureOf(entry)
  if (data === undefined || data === "" || !call.at || call.hasSeal) return
  if (reader.isEnveloped(data)) call.envelope = data
  else {
    call.hasSeal = true
    out.push({ type: "block-set", at: call.at, set: { seal: { issuer: reader.issuer, kind: "signature", data } } })
  }
}

function end(calls: Calls, call: Call, out: StreamEvent[]): void {
  if (call.isEnded) return
  call.isEnded = true
  if (!call.at) {
    const piece = { id: call.id ?? null, function: { arguments: call.input } }
    calls.blocks.whole({ type: "foreign", wire: wireId, value: fragment("tool_calls", piece) }, out)
    return
  }
  const held = call.isImitated ? imitatedInput(call.input) : call.input === "" && !call.isText ? "{}" : ""
  if (held !== "") out.push({ type: "block-delta", at: call.at, delta: { type: "input", text: held } })
  call.block = { ...call.block, input: call.isImitated || call.input === "" ? held : call.input }
  if (call.envelope !== undefined) openSeal(calls, call, call.at, call.envelope, out)
  out.push({ type: "block-end", at: call.at })
}

function openSeal({ reader }: Calls, call: Call, at: At, data: string, out: StreamEvent[]): void {
  const envelope = openEnvelope(data)
  if (!envelope || envelope.over !== sealedHash(sealedText(call.block) ?? "")) {
    reader.stale()
    return
  }
  call.block = { ...call.block, seal: envelope.seal }
  out.push({ type: "block-set", at, set: { seal: envelope.seal } })
}
