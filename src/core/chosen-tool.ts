import type { HostedTool, Tool, ToolChoice } from "./message.ts"

/** A tool that a vendor runs, and the one of its server's tools that is meant where it is a server. */
export interface ChosenTool {
  readonly hosted: HostedTool
  readonly member?: string
}

/** The tool that a choice names, if a vendor runs it; a tool of the caller's goes before one of that name. */
export function chosenTool(choice: ToolChoice | undefined, tools: readonly Tool[] | undefined): ChosenTool | undefined {
  if (choice?.type === "tool" && choice.namespace === undefined) return namedTool(choice.name, tools ?? [])
  if (choice?.type !== "foreign" || !choice.use) return undefined
  const { use } = choice
  const isMeant = (tool: Tool): tool is HostedTool =>
    tool.type === "hosted" &&
    tool.use?.type === use.type &&
    (use.type !== "mcp" || (tool.use.type === "mcp" && tool.use.server === use.server))
  const hosted = tools?.find(isMeant)
  return hosted && { hosted, ...(use.type === "mcp" && use.tool !== undefined ? { member: use.tool } : {}) }
}

function namedTool(name: string, tools: readonly Tool[]): ChosenTool | undefined {
  if (tools.some((tool) => tool.type !== "hosted" && tool.name === name)) return undefined
  const own = tools.find((tool) => tool.type === "hosted" && tool.name === name)
  if (own?.type === "hosted") return { hosted: own }
  const server = tools.find((tool) => tool.type === "hosted" && tool.use?.type === "mcp" && tool.use.tools?.includes(name))
  return server?.type === "hosted" ? { hosted: server, member: name } : undefined
}
