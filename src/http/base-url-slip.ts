import type { Wire } from "../core/wire.ts"
import type { Dialect, Endpoint } from "../dialects/dialect.ts"

export interface Slip {
  readonly message: string
  /** In whose shape to say it, where the path shows whose it is. */
  readonly wire?: Wire
}

export interface Asked {
  readonly method: string
  /** Without a closing slash. */
  readonly path: string
  /** As the caller reaches the gateway. */
  readonly host: string
}

const models = "/models"
const version = "/v1"

/** What to say of a path that comes of a client's base URL: one that is called itself, or to which the client has added what it had already or wants. */
export function baseUrlSlip({ method, path, host }: Asked, dialects: readonly Dialect[]): Slip | undefined {
  const prefixes = dialects.flatMap((dialect) => dialect.prefixes)
  const [first = ""] = prefixes
  const shown = `${method} ${path.slice(0, 200)}`
  if (path === "/" || prefixes.includes(path)) {
    const below = path === "/" ? first : path
    const endpoints = endpointsOf(dialects)
    const served = [...endpoints.map((endpoint) => `POST ${below}${endpoint.path}`), `GET ${below}${models}`].join(", ")
    const message = `${shown} is no endpoint; clients add to their base URL what they call. There are ${served}.`
    const kinds = [endpoints.filter((one) => !one.addsVersion), endpoints.filter((one) => one.addsVersion)]
    return { message: [message, ...kinds.map((kind) => remedy(kind, below, host))].join(" ") }
  }
  const endpoint = endpointsOf(dialects).find((one) => path.endsWith(one.path))
  const suffix = endpoint?.path ?? (path.endsWith(models) ? models : undefined)
  if (suffix === undefined) return undefined
  const before = path.slice(0, -suffix.length)
  const known = new Set([...prefixes, ...endpointsOf(dialects).map((one) => one.path)].flatMap(segmentsOf))
  if (prefixes.includes(before) || !segmentsOf(before).every((segment) => known.has(segment))) return undefined
  const prefix = longestIn(before, prefixes) ?? first
  const meant = `Route not found: ${shown}. Did you mean ${prefix}${suffix}?`
  return endpoint ? { message: `${meant} ${remedy([endpoint], prefix, host)}`, wire: endpoint.wire } : { message: meant }
}

const endpointsOf = ([first]: readonly Dialect[]): readonly Endpoint[] => first?.endpoints ?? []

const segmentsOf = (path: string): readonly string[] => path.split("/").filter((segment) => segment !== "")

/** The longest of the prefixes with which a path begins or ends. */
const longestIn = (path: string, prefixes: readonly string[]): string | undefined =>
  prefixes.filter((prefix) => path.startsWith(prefix) || path.endsWith(prefix)).sort((one, other) => other.length - one.length)[0]

/** What the base URL should be of a client that calls one of these endpoints, which are of one kind. */
function remedy(endpoints: readonly Endpoint[], prefix: string, host: string): string {
  const addsVersion = endpoints.some((endpoint) => endpoint.addsVersion)
  const added = endpoints.map(({ path }) => (addsVersion ? version : "") + path).join(" or ")
  const base = addsVersion && prefix.endsWith(version) ? prefix.slice(0, -version.length) : prefix
  return `The base URL of a client that adds ${added} should end in ${host}${base}.`
}
