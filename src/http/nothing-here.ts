import { fault, type GatewayError } from "../core/error.ts"
import type { Wire } from "../core/wire.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { isUnbuilt, isUnbuiltFace } from "../dialects/unbuilt.ts"
import { nearest } from "../lib/nearest.ts"
import { type Asked, baseUrlSlip } from "./base-url-slip.ts"

export interface NothingHere {
  readonly error: GatewayError
  /** In whose shape to say it, where the path shows whose it is. */
  readonly wire?: Wire
  /** The methods that the path takes, where it is another one that is wrong. */
  readonly allow?: string
}

/** Paths that are only read. */
const readable = ["/health", "/metrics", "/api/logs", "/api/status", "/api/version"] as const
const farthest = 8

/** What to say of a path that no route took: the wrong method, a wrong base URL, not built yet, or what was perhaps meant. */
export function nothingHere(asked: Asked, dialects: readonly Dialect[]): NothingHere {
  const { method, path } = asked
  const prefixes = dialects.flatMap((dialect) => dialect.prefixes)
  const read = [...readable, ...prefixes.map((prefix) => `${prefix}/models`)]
  const isRead = read.includes(path) || prefixes.some((prefix) => path.startsWith(`${prefix}/models/`))
  if (isRead && method !== "GET" && method !== "HEAD")
    return { error: fault("method-not-allowed", `${path.slice(0, 200)} takes GET, not ${method}`).error, allow: "GET, HEAD" }
  const posted = dialects.flatMap((dialect) =>
    dialect.prefixes.flatMap((prefix) => dialect.endpoints.map((endpoint) => prefix + endpoint.path)),
  )
  const slip = isUnbuiltFace(path) ? undefined : baseUrlSlip(asked, dialects)
  if (slip) return { error: fault("not-found", slip.message).error, ...(slip.wire ? { wire: slip.wire } : {}) }
  const shown = `${method} ${path.slice(0, 200)}`
  if (isUnbuilt(path, prefixes)) {
    const wire = wireOf(path, dialects)
    const error = fault("not-found", `${shown} is not built yet; this version serves ${servedBy(dialects)}`).error
    return { error, ...(wire ? { wire } : {}) }
  }
  const meant = nearPath(path, [...posted, ...read])
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`
  return { error: fault("not-found", `Route not found: ${shown}.${hint}`).error }
}

/** A known path behind something that does not belong there, else the one that the fewest slips lead to. */
function nearPath(path: string, known: readonly string[]): string | undefined {
  const whole = known.filter((one) => path.endsWith(one)).sort((one, other) => other.length - one.length)[0]
  const threshold = Math.min(farthest, Math.ceil(path.length / 2))
  return whole ?? nearest(path, known, { max: 1, threshold })[0]
}

/** The format whose endpoint a path lies below, such as `/messages` for `/messages/count_tokens`. */
const wireOf = (path: string, dialects: readonly Dialect[]): Wire | undefined =>
  dialects
    .flatMap(({ prefixes, endpoints }) =>
      prefixes.flatMap((prefix) => endpoints.map(({ path: own, wire }) => ({ own: prefix + own, wire }))),
    )
    .find(({ own }) => path.startsWith(`${own}/`))?.wire

function servedBy([first]: readonly Dialect[]): string {
  const [prefix = ""] = first?.prefixes ?? []
  return [...(first?.endpoints ?? []).map(({ path }) => prefix + path), `${prefix}/models`].join(", ")
}
