import type { Provider, Route } from "../core/provider.ts"
import { openaiChat, quirks } from "../wires/openai-chat/index.ts"
import { anthropic } from "./anthropic.ts"
import { openai } from "./openai.ts"

/** A provider of the user's own, which speaks like one of the base types. Chat comes first: every server that calls itself compatible has it. */
export function customProvider(id: string, baseType: string): Provider | undefined {
  const base = baseTypes[baseType]
  if (!base) return undefined
  const routes = base.routes.map(plainer).sort((left, right) => rank(left) - rank(right))
  const { env: _, defaultBaseUrl: __, ...rest } = base
  return { ...rest, id, label: id, needsKey: false, routes, verified: "docs" }
}

const baseTypes: Readonly<Record<string, Provider>> = { openai, anthropic }

/** What every compatible server takes: the older name of the output limit, no `developer`, functions alone as tools, text alone in their results; nothing that is a beta. */
function plainer({ betas: _, features, ...route }: Route): Route {
  if (route.wire === openaiChat) {
    return { ...route, quirks: [quirks.customAsFunction, quirks.olderLimit, quirks.developerToSystem, quirks.mediaAfterResults] }
  }
  return features ? { ...route, features: (model) => features(model).filter((feature) => !vendorsOwn.has(feature)) } : route
}

/** What the vendor runs itself, or has in a beta. */
const vendorsOwn: ReadonlySet<string> = new Set(["mid-system", "web-search", "code-execution", "mcp"])

const rank = (route: Route): number => (route.operation === "chat_completion" ? 0 : 1)
