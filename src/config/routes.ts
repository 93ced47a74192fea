import type { Provider, Route } from "../core/provider.ts"
import type { ProviderConfig } from "./types.ts"

/** What generates an answer, by the names that `allowed_requests` has for it. */
const generating = ["chat_completion", "responses"] as const

/** The ways to a provider that its configuration leaves, at the addresses that it says. */
export function routesOf(config: ProviderConfig, { routes }: Provider): readonly Route[] {
  return routes.flatMap((route) => {
    const names = namesOf(route, routes)
    const allowed = { whole: isAllowed(config, names, "whole"), stream: isAllowed(config, names, "stream") }
    const whole = { ...route, path: pathOf(config, names, "whole") ?? usualPath(config, route.path) }
    const stream = { ...route, path: pathOf(config, names, "stream") ?? whole.path }
    if (allowed.whole && allowed.stream && whole.path === stream.path) return [whole]
    return [
      ...(allowed.whole ? [{ ...whole, only: "whole" } as const] : []),
      ...(allowed.stream ? [{ ...stream, only: "stream" } as const] : []),
    ]
  })
}

/** The provider's model list; undefined where there is none, or it is not to be asked for. */
export function modelListOf(config: ProviderConfig, { models }: Provider): Provider["models"] {
  if (!models || permission(config, "list_models") === false) return undefined
  return { ...models, path: config.pathOverrides.get("list_models") ?? usualPath(config, models.path) }
}

/** Where a provider has one format for all that generates, each of the names means it. */
function namesOf({ operation }: Route, routes: readonly Route[]): readonly string[] {
  const others = generating.filter((name) => !routes.some((route) => route.operation === name))
  return generating.some((name) => name === operation) ? [operation, ...others] : [operation]
}

type Kind = "whole" | "stream"

const typeOf = (name: string, kind: Kind): string => (kind === "stream" ? `${name}_stream` : name)

const permission = ({ allowedRequests }: ProviderConfig, type: string): boolean | undefined =>
  allowedRequests === "all" ? true : allowedRequests.get(type)

/** Of a pair of which one is not spoken of, it goes with the other. */
function isAllowed(config: ProviderConfig, names: readonly string[], kind: Kind): boolean {
  const other = kind === "stream" ? "whole" : "stream"
  return names.some((name) => permission(config, typeOf(name, kind)) ?? permission(config, typeOf(name, other)) ?? false)
}

function pathOf({ pathOverrides }: ProviderConfig, names: readonly string[], kind: Kind): string | undefined {
  for (const name of names) {
    const path = pathOverrides.get(typeOf(name, kind))
    if (path !== undefined) return path
  }
  return undefined
}

const usualPath = ({ network }: ProviderConfig, path: string): string =>
  network.baseHasVersion ? path.replace(/^\/v\d+\w*(?=\/)/, "") : path
