import { type AdminCredential, isSession, sessionCookieName } from "./session.ts"

export interface DoorRules {
  /** The bind is a loopback address, so a foreign Host header means DNS rebinding. */
  readonly loopback: boolean
  /** Lower case, without ports; a `*.` at the beginning stands for whatever lies below. */
  readonly allowedHosts: readonly string[]
  /** Origins of browsers that may call besides our own: each of them, with a `*.` before the host, or `*` for all that there are. */
  readonly allowedOrigins: readonly string[]
  /** The credentials that open the admin side; undefined opens it to everybody who gets this far. */
  readonly admin?: AdminCredential
  /** Inference too wants the admin credential (`client.enforce_auth_on_inference`): without one set it is shut. */
  readonly guardInference: boolean
}

/** Which credential a form asks for. */
export const asksFor = ({ admin }: DoorRules): "token" | "login" =>
  admin?.token === undefined && admin?.password !== undefined ? "login" : "token"

/** `admin` and `inference`: nothing was brought that could open them. */
export type Refusal = "host" | "origin" | "admin" | "wrong-admin" | "inference" | "wrong-inference" | "locked"

/** Whether a request may come as far as the doors that want a credential. */
export function knock(request: Request, path: string, rules: DoorRules): "host" | "origin" | undefined {
  const host = request.headers.get("host")
  if (rules.loopback && host !== null && !hostAllowed(host, rules)) return "host"
  const origin = request.headers.get("origin")
  return origin !== null && !originAllowed(origin, host, path, rules) ? "origin" : undefined
}

/** Which door a path is behind; undefined for those that are open to all. */
export function guardedBy(request: Request, path: string, { guardInference }: DoorRules): "admin" | "inference" | undefined {
  // a browser asks beforehand without credentials, and what it is told is no secret
  if (request.method === "OPTIONS" && request.headers.get("origin") !== null) return undefined
  if (isOpenPath(path)) return undefined
  if (isAdminPath(path)) return "admin"
  return guardInference ? "inference" : undefined
}

/** The page's root asks those without a credential to sign in; the files it is made of are no secret. */
const openPaths: ReadonlySet<string> = new Set([
  "/",
  "/health",
  "/api/session/login",
  "/api/session/logout",
  "/api/session/is-auth-enabled",
])
const isOpenPath = (path: string): boolean => openPaths.has(path) || path.startsWith("/assets/")

const adminPlaces = ["/metrics", "/ws", "/api", "/ui"] as const

/** The page's API, its live feed and the metrics, each with all below it; inference and health are not of the admin side. */
function isAdminPath(path: string): boolean {
  for (const place of adminPlaces)
    if (path.startsWith(place) && (path.length === place.length || path[place.length] === "/")) return true
  return false
}

/** Where the admin side asks for nothing, only pages that are named get there: any page at all could read the log. */
function originAllowed(origin: string, host: string | null, path: string, { allowedOrigins, admin }: DoorRules): boolean {
  if (isListed(origin, allowedOrigins) || isHost(origin, host)) return true
  return allowedOrigins.includes("*") && (admin !== undefined || !isAdminPath(path))
}

const isListed = (name: string, list: readonly string[]): boolean =>
  list.some((entry) => entry === name || (entry.includes("*.") && isBelow(name, entry)))

/** A `*` stands for one label or more. */
function isBelow(name: string, pattern: string): boolean {
  const star = pattern.indexOf("*")
  const end = name.length - (pattern.length - star - 1)
  return (
    end > star &&
    name.startsWith(pattern.slice(0, star)) &&
    name.slice(end) === pattern.slice(star + 1) &&
    /^[\w.-]+$/.test(name.slice(star, end))
  )
}

function isHost(origin: string, host: string | null): boolean {
  try {
    return host !== null && new URL(origin).host === host
  } catch {
    return false
  }
}

/** The last one that was found to be loopback: nearly all requests bring the same. */
let loopbackHost = "localhost"

function hostAllowed(host: string, { allowedHosts }: DoorRules): boolean {
  if (host === loopbackHost) return true
  const name = hostName(host)
  if (!isLoopbackHost(name)) return isListed(name.toLowerCase(), allowedHosts)
  loopbackHost = host
  return true
}

const loopbackNames = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|.+\.localhost)$/i
export const isLoopbackHost = (name: string): boolean => loopbackNames.test(name)

function hostName(host: string): string {
  const end = host.startsWith("[") ? host.indexOf("]") + 1 : host.lastIndexOf(":")
  return end > 0 ? host.slice(0, end) : host
}

/** What somebody brings to open a door with; a token has no name. */
export interface Credential {
  readonly name: string
  readonly secret: string
}

/** What a request brings: a bearer token, a key, or basic credentials. */
export function credentialsIn(headers: Headers): readonly Credential[] {
  const found: Credential[] = []
  const authorization = headers.get("authorization") ?? ""
  if (/^bearer /i.test(authorization)) found.push({ name: "", secret: authorization.slice(7).trim() })
  const key = headers.get("x-api-key")
  if (key !== null) found.push({ name: "", secret: key })
  if (/^basic /i.test(authorization)) {
    const [name = "", ...rest] = Buffer.from(authorization.slice(6), "base64").toString().split(":")
    found.push({ name, secret: rest.join(":") })
  }
  return found.filter(({ secret }) => secret !== "")
}

/** Whether a request brings the cookie that the page has after a sign-in. */
export function hasSession(headers: Headers, admin: AdminCredential): boolean {
  const session = sessionIn.exec(headers.get("cookie") ?? "")?.[1]
  return session !== undefined && fromOwnPage(headers) && isSession(session, admin, Date.now())
}

const sessionIn = new RegExp(`(?:^|;\\s*)${sessionCookieName}=([^;\\s]{1,80})`)

/**
 * Whether a browser sends a request for our own page, or for nobody's: cookies go along with pages of other ports of the same host too. Clients
 * that are no browsers say nothing about it.
 */
export function fromOwnPage(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site")
  if (site !== null) return site === "same-origin" || site === "none"
  const origin = headers.get("origin")
  return origin === null || isHost(origin, headers.get("host"))
}

/** A text as it stands in a path or a cookie; one with escapes that mean nothing stays as it is. */
export function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** What a browser must be told before it lets its page read an answer. The origin has been checked. */
export function corsHeaders(request: Request, origin: string): Record<string, string> {
  const headers = { "access-control-allow-origin": origin, vary: "origin", "access-control-expose-headers": "*" }
  if (request.method !== "OPTIONS") return headers
  return {
    ...headers,
    "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
    "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "*",
    "access-control-max-age": "600",
  }
}
