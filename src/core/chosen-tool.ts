import type { AllowedHosted, ChosenUse, HostedTool, HostedUse, Tool, ToolChoice } from "./message.ts"

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
  const hosted = tools?.find((tool) => tool.type === "hosted" && isMeant(tool.use, use))
  if (hosted?.type !== "hosted") return undefined
  return { hosted, ...(use.type === "mcp" && use.tool !== undefined ? { member: use.tool } : {}) }
}

const isMeant = (use: HostedUse | undefined, chosen: ChosenUse): boolean =>
  use?.type === chosen.type && (chosen.type !== "mcp" || (use.type === "mcp" && use.server === chosen.server))

/** What a choice of several tools leaves of one that a vendor runs: of a server perhaps only some of its tools. */
export function allowedPart(tool: HostedTool, allowed: readonly AllowedHosted[]): HostedTool | undefined {
  const uses = allowed.flatMap(({ use }) => (use && isMeant(tool.use, use) ? [use] : []))
  if (uses.length === 0) return undefined
  const members = uses.flatMap((use) => (use.type === "mcp" && use.tool !== undefined ? [use.tool] : []))
  if (tool.use?.type !== "mcp" || members.length < uses.length) return tool // all of it, by one of them
  const { tools } = tool.use
  return { ...tool, use: { ...tool.use, tools: members.filter((name) => tools?.includes(name) !== false) } }
}

function namedTool(name: string, tools: readonly Tool[]): ChosenTool | undefined {
  if (tools.some((tool) => tool.type !== "hosted" && tool.name === name)) return undefined
  const own = tools.find((tool) => tool.type === "hosted" && tool.name === name)
  if (own?.type === "hosted") return { hosted: own }
  const server = tools.find((tool) => tool.type === "hosted" && tool.use?.type === "mcp" && tool.use.tools?.includes(name))
  return server?.type === "hosted" ? { hosted: server, member: name } : undefined
}
