import type { Json } from "../lib/json.ts"
import { type Block, type CacheHint, isCall } from "./block.ts"
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
  for (const block of blocks) if (isCall(block)) return true
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

/**
 * What a vendor's own tool does, in no vendor's terms, where others have one like it. `domains`: the only hosts that are searched, with those below
 * them; `blocked`: hosts that never are. `tools`: the only ones of the server that may be called, each without anybody's approval. A wire that cannot
 * say all of what is forbidden leaves the tool out: it never reaches further than its caller lets it.
 */
export type HostedUse =
  | {
      readonly type: "web-search"
      readonly domains?: readonly string[]
      readonly blocked?: readonly string[]
      readonly near?: Whereabouts
    }
  | { readonly type: "code-execution" }
  | {
      readonly type: "mcp"
      readonly server: string
      readonly url: string
      /** Sent to the server as a bearer token. */
      readonly token?: string
      readonly tools?: readonly string[]
    }

/** About where the user is. `country`: two letters; `timezone`: as IANA names it. */
export interface Whereabouts {
  readonly city?: string
  readonly region?: string
  readonly country?: string
  readonly timezone?: string
}

/** A tool that the vendor runs; only its own wire can carry it, unless `use` says what it is for. */
export interface HostedTool extends Node {
  readonly type: "hosted"
  /** The vendor's type name, such as `web_search`. */
  readonly kind: string
  readonly wire: WireId
  readonly value: Json
  /** What a choice of tools calls it, where it can be chosen by name. */
  readonly name?: string
  readonly use?: HostedUse
  readonly cache?: CacheHint
}

/** The use of another wire's tool, if the target has such a tool too: its features name the types of `HostedUse` that it knows. */
export const usable = ({ use }: HostedTool, features: ReadonlySet<string>): HostedUse | undefined =>
  use && features.has(use.type) ? use : undefined

export type Tool = FunctionTool | CustomTool | HostedTool

/** `required`: at least one; `tool`: exactly this one; `allowed`: only these, in the given mode. */
export type ToolChoice =
  | { readonly type: "auto" | "none" | "required" }
  | { readonly type: "tool"; readonly name: string; readonly namespace?: string }
  | {
      readonly type: "allowed"
      readonly mode: "auto" | "required"
      readonly names: readonly string[]
      /** Those that a vendor runs. */
      readonly hosted?: readonly AllowedHosted[]
    }
  | { readonly type: "foreign"; readonly wire: WireId; readonly value: Json; readonly use?: ChosenUse }

/** A choice that asks for no call: without tools it says nothing. */
export const isIdle = ({ type }: ToolChoice): boolean => type === "auto" || type === "none"

export interface AllowedHosted {
  readonly wire: WireId
  readonly value: Json
  readonly use?: ChosenUse
}

/** Which tool of a vendor's a choice asks for, in no vendor's terms. `tool`: that one of the server's, else any of them. */
export type ChosenUse =
  | { readonly type: "web-search" | "code-execution" }
  | { readonly type: "mcp"; readonly server: string; readonly tool?: string }
