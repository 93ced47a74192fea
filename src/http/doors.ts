import { type AdminCredential, isCredential, isSession, same, sessionCookieName } from "./session.ts"

export interface DoorRules {
  /** The bind is a loopback address, so a foreign Host header means DNS rebinding. */
  readonly loopback: boolean
  /** Lower case. */
  readonly allowedHosts: readonly string[]
  /** Origins of browsers that may call besides our own. */
  readonly allowedOrigins: readonly string[]
  /** The credentials that open the admin side; undefined opens it to everybody who gets this far. */
  readonly admin?: AdminCredential
  /** Inference too wants the admin credential (`client.enforce_auth_on_inference`): without one set it is shut. */
  readonly guardInference: boolean
}

export type Refusal = "host" | "origin" | "admin" | "inference"

/** Whether a request may come in, and whether it may see the admin side. */
export function knock(request: Request, path: string, rules: DoorRules): Refusal | undefined {
  const host = request.headers.get("host")
  if (rules.loopback && host !== null && !hostAllowed(hostName(host), rules)) return "host"
  const origin = request.headers.get("origin")
  if (origin !== null && !originAllowed(origin, host, rules)) return "origin"
  // a browser asks beforehand without credentials, and what it is told is no secret
  if (origin !== null && request.method === "OPTIONS") return undefined
  if (isOpenPath(path)) return undefined
  if (isAdminPath(path)) return entersAdmin(request, rules) ? undefined : "admin"
  return rules.guardInference && !(rules.admin && opens(request.headers, rules.admin)) ? "inference" : undefined
}

/** Whether a request may see the admin side: it brings the credential, or there is none. */
export const entersAdmin = (request: Request, { admin }: DoorRules): boolean => !admin || opens(request.headers, admin)

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

const originAllowed = (origin: string, host: string | null, { allowedOrigins }: DoorRules): boolean =>
  allowedOrigins.includes("*") || allowedOrigins.includes(origin) || isHost(origin, host)

function isHost(origin: string, host: string | null): boolean {
  try {
    return host !== null && new URL(origin).host === host
  } catch {
    return false
  }
}

const hostAllowed = (name: string, { allowedHosts }: DoorRules): boolean =>
  isLoopbackHost(name) || allowedHosts.includes(name.toLowerCase())

const loopbackNames = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|.+\.localhost)$/i
export const isLoopbackHost = (name: string): boolean => loopbackNames.test(name)

function hostName(host: string): string {
  const end = host.startsWith("[") ? host.indexOf("]") + 1 : host.lastIndexOf(":")
  return end > 0 ? host.slice(0, end) : host
}

/** A bearer token, basic credentials, or the cookie that the page has after a sign-in. */
function opens(headers: Headers, admin: AdminCredential): boolean {
  const authorization = headers.get("authorization") ?? ""
  if (admin.token !== undefined) {
    if (/^bearer /i.test(authorization) && same(authorization.slice(7).trim(), admin.token)) return true
    if (same(headers.get("x-api-key") ?? "", admin.token)) return true
  }
  if (/^basic /i.test(authorization)) {
    const [name = "", ...rest] = Buffer.from(authorization.slice(6), "base64").toString().split(":")
    if (isCredential(name, rest.join(":"), admin)) return true
  }
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
