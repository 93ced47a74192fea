import type { Block, CompactionBlock, Seal } from "../../core/block.ts"
import { type FieldTable, project } from "../../core/lens.ts"
import { sealForClient, sealForTarget } from "../../core/seal.ts"
import type { Json, JsonObject } from "../../lib/json.ts"
import { encodeCache } from "./cache.ts"
import { dropped, isNative } from "./native.ts"
import { liveSeal, reasoningText, thinkingForClient } from "./seals.ts"
import { type EncodeContext, present } from "./types.ts"

const reasoningTable: FieldTable = { parts: ["thinking"], seal: ["signature", "data"] }

export function encodeReasoning(
  block: Extract<Block, { type: "reasoning" }>,
  at: number,
  context: EncodeContext,
): readonly Json[] {
  const text = reasoningText(block)
  const live = liveSeal(block)
  if (block.cache)
    context.note({ code: "cache-unsupported", path: `${context.path}.cache`, effect: "dropped", side: context.side })
  if (context.side === "response") return reasoningForClient(block, text, live, at, context)
  const seal = sealForTarget(live, context.exchange, `${context.path}.seal`)
  if (!seal && !(text !== "" && context.exchange.target.features.has("unsigned-thinking"))) {
    context.note({ code: "reasoning-unsigned", path: context.path, effect: "dropped", side: "request" })
    return []
  }
  const node = seal === block.seal ? block : { ...withoutSeal(block), ...(seal ? { seal } : {}) }
  return [project(node, context, reasoningTable, () => thinkingMembers(text, seal))]
}

function thinkingMembers(text: string, seal: Seal | undefined): JsonObject {
  if (seal?.kind === "redacted" && text === "") return { type: "redacted_thinking", data: seal.data }
  return { type: "thinking", thinking: text, signature: seal?.data ?? "" }
}

function withoutSeal<B extends Block>(block: B): B {
  const { seal: _, ...rest } = block
  return rest as B
}

function reasoningForClient(
  block: Extract<Block, { type: "reasoning" }>,
  text: string,
  seal: Seal | undefined,
  at: number,
  context: EncodeContext,
): readonly Json[] {
  notePartLosses(block, context)
  if (text === "" && !seal && !isNative(block)) {
    context.note({ code: "block-unsupported", path: context.path, effect: "dropped", side: "response" })
    return []
  }
  const node = seal === block.seal ? block : { ...withoutSeal(block), ...(seal ? { seal } : {}) }
  const build = () => thinkingForClient(text, seal, at)
  const isVerbatim = !isNative(block) || !seal || seal.issuer === context.exchange.clientHome
  return [isVerbatim ? project(node, context, reasoningTable, build) : build()]
}

function notePartLosses(block: Extract<Block, { type: "reasoning" }>, context: EncodeContext): void {
  const isOne = block.parts.length <= 1 && block.parts.every((part) => part.text !== "" && !part.summary)
  if (!isOne) context.note({ code: "block-adapted", path: `${context.path}.parts`, effect: "adapted", side: context.side })
}

const compactionTable: FieldTable = {
  text: ["content", "encrypted_content", "signature"],
  seal: ["encrypted_content"],
  cache: ["cache_control"],
}

export function encodeCompaction(block: CompactionBlock, context: EncodeContext): readonly Json[] {
  const live = liveSeal(block)
  const target = context.side === "request" ? sealForTarget(live, context.exchange, `${context.path}.seal`) : live
  if (block.text === undefined && !target && !isNative(block)) return dropped(context)
  const encrypted =
    target && (context.side === "request" ? target.data : sealForClient(target, wireHome(context), 0, block.text ?? ""))
  const node = target === block.seal ? block : { ...withoutSeal(block), ...(target ? { seal: target } : {}) }
  const build = () =>
    present({
      type: "compaction",
      content: block.text ?? null,
      encrypted_content: encrypted,
      cache_control: encodeCache(block.cache, context),
    })
  const isWrapped = encrypted !== undefined && encrypted !== target?.data
  return [isWrapped && isNative(block) ? build() : project(node, context, compactionTable, build)]
}

const wireHome = (context: EncodeContext): string | undefined => context.exchange.clientHome
