import type { Block, ToolCallBlock, ToolResultBlock } from "../../core/block.ts"
import { isShownId, shownId } from "../../core/id.ts"
import { project } from "../../core/lens.ts"
import type { Json, JsonObject } from "../../lib/json.ts"
import { sealedBlocks } from "./decode-hosted.ts"
import { dropped, isNative } from "./native.ts"
import { type EncodeContext, inside } from "./types.ts"

/** How the vendor's own ids of calls that it ran begin. */
const serverCall = "srvtoolu_"
export const mcpCall = "mcptoolu_"

/** Tools of other vendors that this format has as well, besides those of MCP servers. */
const shared: ReadonlySet<string> = new Set(["web_search", "code_execution"])

type Hosted = ToolCallBlock | ToolResultBlock

const isHosted = (block: Block): block is Hosted =>
  (block.type === "tool-call" || block.type === "tool-result") && block.by === "provider"

/** What the vendor checks them against, https://platform.claude.com/docs/en/api/messages. */
const checked = /^(?:srvtoolu|mcptoolu)_[a-zA-Z0-9_]+$/

/** Servers of this format have ids of their own for what they ran: only a target that has refused what is gets none but the vendor's. */
function isOurs(block: Hosted, { side, exchange }: EncodeContext): boolean {
  if (isShownId(block.id)) return false
  if (side === "request" && exchange.target.issuer === "") return checked.test(block.id)
  return isNative(block) || block.id.startsWith(serverCall) || block.id.startsWith(mcpCall)
}

/** What another vendor's tool did has an id for the caller's eyes alone: a caller may send it to this vendor, who would refuse it. */
export function asShown(block: Block, context: EncodeContext): Block {
  if (context.side === "request" || !isHosted(block) || isOurs(block, context) || isShownId(block.id)) return block
  const isMcp = block.type === "tool-call" ? block.namespace !== undefined : block.name === "mcp"
  return { ...block, id: shownId(isMcp ? mcpCall : serverCall, block.id) }
}

/** False for what another vendor's tool did: this vendor would refuse it. A seal tells who ran it. */
export const ranHere = (block: Hosted, context: EncodeContext): boolean =>
  isOurs(block, context) && (context.side === "response" || !block.seal || block.seal.issuer === context.exchange.target.issuer)

/** What a call and its result were when the vendor said them: all of it stands for the call. */
export function vendorsOwn(block: Block, { side, exchange }: EncodeContext): readonly Json[] | undefined {
  if (side === "response" || !isHosted(block) || block.seal?.issuer !== exchange.target.issuer) return undefined
  const blocks = sealedBlocks(block.seal)
  return blocks && (block.type === "tool-call" ? blocks : [])
}

/** A caller is shown each call that its format has a form for. */
export const isShown = (block: ToolCallBlock, context: EncodeContext): boolean =>
  ranHere(block, context) || (context.side === "response" && (block.namespace !== undefined || shared.has(block.name)))

/** What another vendor's tool answered, as a caller is shown it. Forms that would have to be filled with inventions are left out. */
export function shownResult(block: ToolResultBlock, context: EncodeContext): readonly Json[] {
  const parts = inside(context, `${context.path}.content[*]`)
  const of = { tool_use_id: block.id }
  if (block.name === "mcp" && block.content.every((inner) => inner.type === "text")) {
    const content = block.content.flatMap((inner) => (inner.type === "text" ? [{ type: "text", text: inner.text }] : []))
    for (const inner of block.content) project(inner, parts, {}, () => ({}))
    return [{ type: "mcp_tool_result", ...of, is_error: block.failed === true, content }]
  }
  if (block.name !== "web_search") return dropped(context)
  context.note({ code: "block-adapted", path: parts.path, effect: "adapted", side: context.side })
  const content = block.failed ? searchError : block.content.flatMap((inner) => searchResult(inner, parts))
  return [{ type: "web_search_tool_result", ...of, content }]
}

const searchError: JsonObject = { type: "web_search_tool_result_error", error_code: "unavailable" }

/** The other vendor names the page alone; the format wants a title and a seal all the same. */
function searchResult(block: Block, context: EncodeContext): readonly Json[] {
  if (block.type !== "media" || block.source.type !== "url") return dropped(context)
  project(block, context, {}, () => ({}))
  const { url } = block.source
  return [{ type: "web_search_result", url, title: block.name ?? "", encrypted_content: "", page_age: null }]
}
