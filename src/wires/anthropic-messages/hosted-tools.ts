import { type HostedTool, type HostedUse, usable, type Whereabouts } from "../../core/message.ts"
import { nothing, originOf } from "../../core/node.ts"
import type { Request } from "../../core/request.ts"
import { asArray, asBoolean, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { encodeCache } from "./cache.ts"
import { restIn, type Shape } from "./shape.ts"
import { type EncodeContext, present } from "./types.ts"

/**
 * What the vendor runs itself, https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-reference. These versions do what every model
 * that has the tool can do; newer ones also write code that filters what a search found.
 */
const versions = { "web-search": "web_search_20250305", "code-execution": "code_execution_20250825" } as const
const names = { "web-search": "web_search", "code-execution": "code_execution" } as const

const mark: Shape = { type: "any", ttl: "any" }
const own = { type: "any", name: "any", cache_control: mark } as const
const places: Shape = { type: "any", city: "any", region: "any", country: "any", timezone: "any" }

/** For each use, the keys that the hub knows of it. */
const useShapes = {
  "web-search": { ...own, allowed_domains: "any", blocked_domains: "any", user_location: places },
  "code-execution": own,
  mcp: { type: "any", mcp_server_name: "any", default_config: { enabled: "any" }, configs: "any", cache_control: mark },
} as const satisfies Record<HostedUse["type"], Shape>

const configShape: Shape = { enabled: "any" }

/** What a tool says beyond its use, dotted. */
export function useRest(tool: JsonObject, { type }: HostedUse): readonly string[] {
  const rest = restIn(tool, useShapes[type])
  const configs = type === "mcp" ? Object.values(asObject(tool.configs) ?? {}) : nothing
  return configs.length === 0 ? rest : [...rest, ...restIn(configs, configShape, "configs[*].")]
}

/** What a declared tool is for, where other vendors have its like. `servers`: the request's MCP servers. */
export function readUse(tool: JsonObject, kind: string, servers: readonly JsonObject[]): HostedUse | undefined {
  if (kind.startsWith("web_search_2")) return webSearch(tool)
  if (kind.startsWith("code_execution_2")) return { type: "code-execution" }
  return kind === "mcp_toolset" ? toolset(tool, servers) : undefined
}

function webSearch(tool: JsonObject): HostedUse {
  const domains = texts(tool.allowed_domains)
  const blocked = texts(tool.blocked_domains)
  const near = whereabouts(asObject(tool.user_location))
  return { type: "web-search", ...(domains ? { domains } : {}), ...(blocked ? { blocked } : {}), ...(near ? { near } : {}) }
}

function texts(json: Json | undefined): readonly string[] | undefined {
  const list = asArray(json)?.flatMap((one) => asString(one) ?? [])
  return list && list.length > 0 ? list : undefined
}

function whereabouts(json: JsonObject | undefined): Whereabouts | undefined {
  if (!json) return undefined
  const { city, region, country, timezone } = json
  return present({ city: asString(city), region: asString(region), country: asString(country), timezone: asString(timezone) })
}

/** A list of forbidden tools has no like elsewhere, and leaving it out would allow them, unless all that the server has are listed too. */
function toolset(tool: JsonObject, servers: readonly JsonObject[]): HostedUse | undefined {
  const server = asString(tool.mcp_server_name)
  const declared = servers.find((one) => one.name === server)
  const url = asString(declared?.url)
  if (server === undefined || url === undefined || declared?.tool_configuration) return undefined
  const token = asString(declared?.authorization_token)
  const isOpen = asObject(tool.default_config)?.enabled !== false
  const configs = asObject(tool.configs) ?? {}
  // what a tool's own settings do not say is as by default
  const isAllowed = (name: string): boolean => asBoolean(asObject(configs[name])?.enabled) ?? isOpen
  const listed = asArray(tool.tools)?.flatMap((one) => asString(asObject(one)?.name) ?? [])
  const isForbidding = isOpen && !Object.keys(configs).every(isAllowed)
  if (isForbidding && !listed) return undefined
  const tools = listed || !isOpen ? (listed ?? Object.keys(configs)).filter(isAllowed) : undefined
  return { type: "mcp", server, url, ...(token === undefined ? {} : { token }), ...(tools ? { tools } : {}) }
}

/** The MCP servers of a request. */
export function readServers(json: Json | undefined): readonly JsonObject[] {
  if (json === undefined) return nothing
  return (asArray(json) ?? []).map((one) => asObject(one)).filter((one) => one !== undefined)
}

const serverKeys: ReadonlySet<string> = new Set(["type", "name", "url", "authorization_token"])

/** Keys of MCP servers that no tool of the request says. */
export function serversRest(servers: readonly JsonObject[], tools: Request["tools"]): readonly string[] {
  if (servers.length === 0) return nothing
  const isSaid = (server: JsonObject): boolean =>
    tools?.some((tool) => mcpUse(tool)?.server === server.name) === true &&
    Object.entries(server).every(([key, value]) => serverKeys.has(key) || value === null)
  return servers.every(isSaid) ? nothing : ["mcp_servers"]
}

type Mcp = Extract<HostedUse, { type: "mcp" }>
const mcpUse = (tool: NonNullable<Request["tools"]>[number]): Mcp | undefined =>
  tool.type === "hosted" && tool.use?.type === "mcp" ? tool.use : undefined

/** The same tool as this vendor has it; undefined where it has none like it, or would refuse it. */
export function buildUse(tool: HostedTool, context: EncodeContext): JsonObject | undefined {
  const use = usable(tool, context.exchange.target.features)
  if (!use) return undefined
  switch (use.type) {
    case "web-search":
    case "code-execution": {
      const name = names[use.type]
      if (context.exchange.names.hasTheirs(name)) return undefined // a tool of the caller's has the name
      const filters = use.type === "web-search" ? searchMembers(use) : {}
      return filters && present({ type: versions[use.type], name, ...filters, cache_control: encodeCache(tool.cache, context) })
    }
    case "mcp": {
      if (!use.url.startsWith("https://")) return undefined
      const { tools } = use
      if (use.token !== undefined)
        context.note({ code: "secret-shared", path: "tools[*].use.token", effect: "adapted", side: "request" })
      const configs = tools && Object.fromEntries(tools.map((name) => [name, { enabled: true }]))
      return present({
        type: "mcp_toolset",
        mcp_server_name: use.server,
        default_config: configs && { enabled: false },
        configs,
        cache_control: encodeCache(tool.cache, context),
      })
    }
    default:
      return use satisfies never
  }
}

type Search = Extract<HostedUse, { type: "web-search" }>

function searchMembers(use: Search): { readonly [key: string]: Json | undefined } | undefined {
  const lists = oneList(use)
  return lists && { ...lists, user_location: use.near && present({ type: "approximate", ...use.near }) }
}

/** The vendor takes hosts to search or hosts not to search. Undefined where the first alone would allow some of the second, or nothing is left. */
function oneList({ domains, blocked }: Search): { readonly [key: string]: Json | undefined } | undefined {
  if (!domains || !blocked) return { allowed_domains: domains, blocked_domains: blocked }
  const left = domains.filter((domain) => !blocked.some((other) => isWithin(domain, other)))
  const isSplit = blocked.some((other) => left.some((domain) => isWithin(other, domain)))
  const isPage = [...blocked, ...left].some((domain) => domain.includes("/"))
  return left.length === 0 || isSplit || isPage ? undefined : { allowed_domains: left }
}

/** Whether a host is another or below it. */
const isWithin = (host: string, other: string): boolean => `.${host.toLowerCase()}`.endsWith(`.${other.toLowerCase()}`)

/** Two that bear one name would be refused. */
export const nameOfTool = (json: Json): string | undefined => {
  const tool = asObject(json)
  return asString(tool?.type === "mcp_toolset" ? tool.mcp_server_name : tool?.name)
}

/** The source's servers, without those whose toolset was taken out, and those of toolsets that came from elsewhere. */
export function encodeServers(sent: readonly Json[], request: Request, source: Json | undefined): Json | undefined {
  if (source === undefined && !request.tools?.some(mcpUse)) return undefined
  const view = originOf(request)?.view as Request | undefined
  const wanted = sent.flatMap((tool) => (asObject(tool)?.type === "mcp_toolset" ? (nameOfTool(tool) ?? []) : []))
  const were = readServers(source)
  const claimed = (view?.tools ?? []).flatMap((tool) => mcpUse(tool)?.server ?? [])
  const kept = were.filter(({ name }) => typeof name !== "string" || wanted.includes(name) || !claimed.includes(name))
  const uses = (request.tools ?? []).map(mcpUse)
  const added = wanted.flatMap((name) => {
    const use = were.some((server) => server.name === name) ? undefined : uses.find((one) => one?.server === name)
    return use ? [present({ type: "url", url: use.url, name, authorization_token: use.token })] : []
  })
  if (added.length === 0 && kept.length === were.length) return source
  return kept.length + added.length > 0 ? [...kept, ...added] : undefined
}
