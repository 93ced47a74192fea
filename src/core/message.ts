import type { Json } from "../lib/json.ts"
import type { Block, CacheHint } from "./block.ts"
import type { Node, WireId } from "./node.ts"

export type Role = "system" | "developer" | "user" | "assistant"

/**
 * One wire container: a Chat message, a Responses item, a Messages turn. `turns` regroups for turn-shaped wires. Results of the caller's tools
 * are `tool-result` blocks in a message of role `user`; results of the vendor's own tools stay in the assistant's message.
 */
export interface Message extends Node {
  readonly role: Role
  readonly blocks: readonly Block[]
  readonly id?: string
  readonly name?: string
  readonly status?: "in-progress" | "incomplete"
}

/** Whether a caller's tool is called. */
export function holdsCall(blocks: readonly Block[]): boolean {
  for (const block of blocks) if (block.type === "tool-call" && block.by !== "provider") return true
  return false
}

export interface FunctionTool extends Node {
  readonly type: "function"
  readonly name: string
  readonly namespace?: string
  readonly description?: string
  /** JSON Schema as source text. */
  readonly schema?: string
  readonly strict?: boolean
  readonly deferred?: true
  readonly cache?: CacheHint
}

/** A tool that takes free text, perhaps within a grammar. */
export interface CustomTool extends Node {
  readonly type: "custom"
  readonly name: string
  readonly namespace?: string
  readonly description?: string
  readonly grammar?: { readonly syntax: string; readonly definition: string }
  readonly cache?: CacheHint
}

/** A tool that the vendor runs; only its own wire can carry it. */
export interface HostedTool extends Node {
  readonly type: "hosted"
  /** The vendor's type name, such as `web_search`. */
  readonly kind: string
  readonly wire: WireId
  readonly value: Json
  readonly cache?: CacheHint
}

export type Tool = FunctionTool | CustomTool | HostedTool

/** `required`: at least one; `tool`: exactly this one; `allowed`: only these, in the given mode. */
export type ToolChoice =
  | { readonly type: "auto" | "none" | "required" }
  | { readonly type: "tool"; readonly name: string; readonly namespace?: string }
  | { readonly type: "allowed"; readonly mode: "auto" | "required"; readonly names: readonly string[] }
  | { readonly type: "foreign"; readonly wire: WireId; readonly value: Json }
