import type { Caller, Directions } from "../core/call.ts"
import { fault } from "../core/error.ts"
import { fallbackRef } from "../core/head.ts"
import type { FallbackRef } from "../core/wire.ts"
import { agentSessionHeaders } from "../dialects/agents.ts"

/** Session headers in the order that decides: ours and the reference's, then the agents' own. */
const sessionHeaders = ["x-bf-session-id", "x-gantry-session-id", ...agentSessionHeaders] as const
const longestSession = 255
const dimensionLimits = { count: 16, name: 64, value: 128 } as const

const nothingSaid: Directions = { extraHeaders: [], passExtraParams: false, extraFields: false }

const keyHeaders = ["x-api-key", "api-key", "x-goog-api-key"] as const
/** What a request's headers tell of its caller, by its place in `known`. */
const listed = [...sessionHeaders, "user-agent", "authorization", ...keyHeaders]
const places: ReadonlyMap<string, number> = new Map(listed.map((name, place) => [name, place]))
const userAgentAt = sessionHeaders.length
const authorizationAt = userAgentAt + 1
const keysAt = authorizationAt + 1

/** What the request's headers say to the gateway itself, and of who sends it. */
export interface Intake {
  readonly directions: Directions
  readonly known: readonly (string | undefined)[]
}

export function readIntake(headers: Headers): Intake {
  const known: (string | undefined)[] = []
  let said: Map<string, string> | undefined
  let extraHeaders: [string, string][] | undefined
  // One pass costs less than looking up a few; forEach costs two thirds of what iterating does.
  headers.forEach((value, name) => {
    const place = places.get(name)
    if (place !== undefined) known[place] = value
    if (name.charCodeAt(0) !== 0x78) return
    const ours = name.startsWith("x-gantry-")
    if (!ours && !name.startsWith("x-bf-")) return
    const own = name.slice(ours ? 9 : 5)
    said ??= new Map()
    if (own === "eh-") return
    if (own.startsWith("eh-")) {
      extraHeaders ??= []
      extraHeaders.push([own.slice(3), value])
    } else if (ours || !said.has(own)) said.set(own, value)
  })
  return { directions: said ? directionsOf(said, extraHeaders ?? []) : nothingSaid, known }
}

function directionsOf(said: ReadonlyMap<string, string>, extraHeaders: readonly (readonly [string, string])[]): Directions {
  const on = (name: string) => said.get(name)?.toLowerCase() === "true"
  const keyName = said.get("api-key")
  const keyId = said.get("api-key-id")
  const fallbacks = fallbackHeader(said.get("fallbacks"))
  return {
    extraHeaders,
    directKey: on("direct-key"),
    passExtraParams: on("passthrough-extra-params"),
    extraFields: on("extra-fields"),
    ...(said.has("send-back-raw-request") ? { rawRequest: on("send-back-raw-request") } : {}),
    ...(said.has("send-back-raw-response") ? { rawResponse: on("send-back-raw-response") } : {}),
    ...(keyName === undefined ? {} : { keyName }),
    ...(keyId === undefined ? {} : { keyId }),
    ...(said.has("disable-content-logging") ? { keepContent: !on("disable-content-logging") } : {}),
    ...(fallbacks ? { fallbacks } : {}),
    ...dimensionsOf(said),
  }
}

/** `x-bf-dim-<name>`, and its older spelling `x-bf-prom-<name>`. */
function dimensionsOf(said: ReadonlyMap<string, string>): { dimensions?: Readonly<Record<string, string>> } {
  const found = new Map<string, string>()
  for (const [own, value] of said) {
    const name = /^(?:dim|prom)-(.+)$/.exec(own)?.[1]?.replaceAll("-", "_").slice(0, dimensionLimits.name)
    if (name === undefined || found.size >= dimensionLimits.count) continue
    if (own.startsWith("dim-") || !found.has(name)) found.set(name, value.slice(0, dimensionLimits.value))
  }
  return found.size === 0 ? {} : { dimensions: Object.fromEntries(found) }
}

const unlikeFallback = "which is neither provider/model nor a provider"

/** `provider/model` or `provider` entries, comma-separated or as a JSON list of strings. */
function fallbackHeader(text: string | undefined): readonly FallbackRef[] | undefined {
  if (text === undefined) return undefined
  const entries = text
    .replace(/^\s*\[|\]\s*$/g, "")
    .split(",")
    .map((entry) => entry.trim().replace(/^"|"$/g, ""))
  return entries
    .filter((entry) => entry !== "")
    .map((entry) => {
      const ref = fallbackRef(entry)
      if (!ref) throw fault("invalid-request", `x-gantry-fallbacks holds "${entry.slice(0, 80)}", ${unlikeFallback}`)
      return ref
    })
}

/** `adminToken` opens our own doors, so it is never taken for a credential that may go on to a vendor. */
export function callerOf({ known }: Intake, address: () => string | undefined, adminToken: string | undefined): Caller {
  return {
    credential: credentialIn(known, adminToken),
    sessionId: sessionIn(known),
    userAgent: known[userAgentAt]?.slice(0, 200),
    address,
  }
}

function sessionIn(known: Intake["known"]): string | undefined {
  for (let place = 0; place < userAgentAt; place += 1) {
    const value = known[place]
    if (value) return value.length <= longestSession ? value : undefined
  }
  return undefined
}

/** The caller's credential in whichever header its SDK puts it, the likeliest first; ours is none. */
function credentialIn(known: Intake["known"], adminToken: string | undefined): string | undefined {
  const authorization = known[authorizationAt]
  if (authorization !== undefined && bearer.test(authorization)) {
    const token = authorization.slice(7).trim()
    if (token !== adminToken) return token
  }
  for (let place = keysAt; place < listed.length; place += 1) {
    const key = known[place]
    if (key !== undefined && key !== adminToken) return key
  }
  return undefined
}

const bearer = /^bearer\s/i
