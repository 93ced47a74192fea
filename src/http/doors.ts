import { timingSafeEqual } from "node:crypto"

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

export interface AdminCredential {
  readonly token?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
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
  if (rules.admin && isAdminPath(path) && !opens(request.headers, rules.admin)) return "admin"
  if (rules.guardInference && !isAdminPath(path) && path !== "/health" && !(rules.admin && opens(request.headers, rules.admin)))
    return "inference"
  return undefined
}

const adminPlaces = ["/metrics", "/ws", "/api", "/ui", "/assets"] as const

/** The page, its API, its live feed and the metrics, each with all below it; inference and health are not of the admin side. */
export const isAdminPath = (path: string): boolean =>
  path === "/" || adminPlaces.some((place) => path === place || path.startsWith(`${place}/`))

export function originAllowed(origin: string, host: string | null, rules: DoorRules): boolean {
  if (rules.allowedOrigins.includes("*") || rules.allowedOrigins.includes(origin)) return true
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

/** A bearer token, basic credentials, or the cookie that the page sets after a login. */
function opens(headers: Headers, admin: AdminCredential): boolean {
  const authorization = headers.get("authorization") ?? ""
  if (admin.token !== undefined) {
    if (/^bearer /i.test(authorization) && equal(authorization.slice(7).trim(), admin.token)) return true
    if (equal(headers.get("x-api-key") ?? "", admin.token)) return true
    const cookie = /(?:^|;\s*)gantry_admin=([^;]+)/.exec(headers.get("cookie") ?? "")?.[1]
    if (cookie !== undefined && equal(unescaped(cookie), admin.token)) return true
  }
  if (!/^basic /i.test(authorization)) return false
  const [name = "", ...rest] = Buffer.from(authorization.slice(6), "base64").toString().split(":")
  const secret = rest.join(":")
  if (admin.token !== undefined && equal(secret, admin.token)) return true
  return (
    admin.username !== undefined && admin.password !== undefined && equal(name, admin.username) && equal(secret, admin.password)
  )
}

/** A text as it stands in a path or a cookie; one with escapes that mean nothing stays as it is. */
export function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function equal(left: string, right: string): boolean {
  const hash = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest()
  return timingSafeEqual(hash(left), hash(right))
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
