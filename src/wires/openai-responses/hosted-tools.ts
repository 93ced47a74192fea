import { type HostedTool, type HostedUse, usable, type Whereabouts } from "../../core/message.ts"
import type { Note } from "../../core/notice.ts"
import { asArray, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import type { Shape } from "./types.ts"

const known = (...names: readonly string[]): { readonly [key: string]: true } =>
  Object.fromEntries(names.map((name) => [name, true as const]))

/** For each use, the keys that the hub knows of a tool, https://platform.openai.com/docs/guides/tools. */
export const useShapes = {
  "web-search": {
    ...known("type", "external_web_access"),
    filters: known("allowed_domains", "blocked_domains"),
    user_location: known("type", "city", "region", "country", "timezone"),
  },
  "code-execution": { type: true, container: { type: true, network_policy: { type: true } } },
  mcp: {
    ...known("type", "server_label", "server_url", "authorization", "require_approval"),
    allowed_tools: { tool_names: true },
  },
} as const satisfies Readonly<Record<HostedUse["type"], Shape>>

/** What a declared tool is for, where other vendors have its like: not where it would reach further there than it may here. */
export function readUse(tool: JsonObject): HostedUse | undefined {
  switch (tool.type) {
    case "web_search":
    case "web_search_2025_08_26":
    case "web_search_preview":
    case "web_search_preview_2025_03_11":
      return tool.external_web_access === false ? undefined : webSearch(tool)
    case "code_interpreter":
      return isOwnContainer(tool.container) ? { type: "code-execution" } : undefined
    case "mcp":
      return mcp(tool)
    default:
      return undefined
  }
}

function webSearch(tool: JsonObject): HostedUse | undefined {
  const { allowed_domains, blocked_domains, ...others } = asObject(tool.filters) ?? {}
  if (Object.values(others).some((value) => value !== null)) return undefined // what it forbids is not known
  const domains = texts(allowed_domains)
  const blocked = texts(blocked_domains)
  const near = whereabouts(asObject(tool.user_location))
  return { type: "web-search", ...(domains ? { domains } : {}), ...(blocked ? { blocked } : {}), ...(near ? { near } : {}) }
}

function texts(json: Json | undefined): readonly string[] | undefined {
  const list = asArray(json)?.flatMap((one) => asString(one) ?? [])
  return list && list.length > 0 ? list : undefined
}

const placeKeys = ["city", "region", "country", "timezone"] as const

function whereabouts(json: JsonObject | undefined): Whereabouts | undefined {
  if (!json) return undefined
  return Object.fromEntries(placeKeys.flatMap((key) => (asString(json[key]) === undefined ? [] : [[key, asString(json[key])]])))
}

/** A new and empty one, from which no network is reached but by leave. What is in another is known to its vendor alone. */
function isOwnContainer(json: Json | undefined): boolean {
  const container = asObject(json)
  return container?.type === "auto" && !asArray(container.file_ids)?.length
}

/** A server that is reached in another way than by its address and a token, or whose tools want an approval, is nothing to others. */
function mcp(tool: JsonObject): HostedUse | undefined {
  const server = asString(tool.server_label)
  const url = asString(tool.server_url)
  const headers = Object.keys(asObject(tool.headers) ?? {})
  if (server === undefined || url === undefined || headers.length > 0 || tool.require_approval !== "never") return undefined
  const filter = asObject(tool.allowed_tools)
  if (filter && filter.read_only !== undefined && filter.read_only !== null) return undefined
  const tools = asArray(filter ? filter.tool_names : tool.allowed_tools)?.flatMap((one) => asString(one) ?? [])
  const token = asString(tool.authorization)
  return { type: "mcp", server, url, ...(token === undefined ? {} : { token }), ...(tools ? { tools } : {}) }
}

/** What an answer shows only to those who ask for it. */
export const includeFor = (tool: HostedTool, features: ReadonlySet<string>): string | undefined =>
  usable(tool, features)?.type === "web-search" ? "web_search_call.action.sources" : undefined

/** The same tool as this vendor has it; undefined where it has none like it. */
export function buildUse(tool: HostedTool, features: ReadonlySet<string>, note: Note): JsonObject | undefined {
  const use = usable(tool, features)
  if (!use) return undefined
  switch (use.type) {
    case "web-search": {
      const filters = filtersOf(use, note)
      const near = use.near && { user_location: { type: "approximate", ...use.near } }
      return filters && { type: "web_search", ...(Object.keys(filters).length > 0 ? { filters } : {}), ...near }
    }
    case "code-execution":
      return { type: "code_interpreter", container: { type: "auto" } }
    case "mcp":
      if (use.tools?.length === 0) return undefined // an empty list may be none to the vendor
      if (use.token !== undefined) note({ code: "secret-shared", path: "tools[*].use.token", effect: "adapted", side: "request" })
      return {
        type: "mcp",
        server_label: use.server,
        server_url: use.url,
        ...(use.token === undefined ? {} : { authorization: use.token }),
        ...(use.tools ? { allowed_tools: use.tools } : {}),
        require_approval: "never",
      }
    default:
      return use satisfies never
  }
}

type Search = Extract<HostedUse, { type: "web-search" }>

/**
 * Hosts that are searched and that are not, https://developers.openai.com/api/docs/guides/tools-web-search#domain-filtering. Other vendors take a path
 * with one: forbidding all of its host forbids the path, allowing all of it would allow more. Undefined where nothing would be left to search.
 */
function filtersOf({ domains, blocked }: Search, note: Note): JsonObject | undefined {
  const allowed = domains && hosts(domains.filter(isWhole))
  if (allowed?.length === 0) return undefined
  if (domains?.some((domain) => !isWhole(domain))) noteHosts("domains", note)
  if (blocked?.some((domain) => !isWhole(domain))) noteHosts("blocked", note)
  return { ...(allowed ? { allowed_domains: allowed } : {}), ...(blocked ? { blocked_domains: hosts(blocked) } : {}) }
}

const noteHosts = (list: "domains" | "blocked", note: Note): void =>
  note({ code: "field-adapted", path: `tools[*].use.${list}`, effect: "adapted", side: "request" })

const partsOf = (domain: string): readonly string[] => domain.replace(/^https?:\/\//, "").split("/")
const isWhole = (domain: string): boolean => partsOf(domain).slice(1).join("") === ""
const hosts = (domains: readonly string[]): readonly string[] => [
  ...new Set(domains.map((domain) => partsOf(domain)[0] ?? domain)),
]
