import { Elysia } from "elysia"
import { fault } from "../../core/error.ts"
import { asObject, asString, parseJson } from "../../lib/json.ts"
import { utf8Text } from "../../lib/utf8.ts"
import { bodyReader } from "../body.ts"
import { asksFor, type Credential, type DoorRules, fromOwnPage } from "../doors.ts"
import { asCallerFault } from "../faults.ts"
import type { Gate } from "../gate.ts"
import { type AdminCredential, sessionCookieName, sessionSeconds, sessionValue, tooManyGuesses } from "../session.ts"
import { only } from "./only.ts"
import { refusal } from "./refusal.ts"
import type { SessionView } from "./types.ts"

export interface SessionRoutesOptions {
  doors(): DoorRules
  readonly gate: Gate
}

const longestBody = { maxBytes: 4_096 }

/** Signing in and out of the page: `POST /api/session/login`, `POST /api/session/logout`, `GET /api/session/is-auth-enabled`. */
export function sessionRoutes({ doors, gate }: SessionRoutesOptions) {
  const bodies = bodyReader()
  return new Elysia({ name: "session" })
    .get("/api/session/is-auth-enabled", async ({ request }) =>
      Response.json(sessionView(doors(), await gate.entersAdmin(request))),
    )
    .post(
      "/api/session/login",
      async ({ request }) => {
        try {
          requireOwnPage(request)
          const given = readCredential((await bodies.read(request, longestBody)).bytes)
          return await signIn(request, given)
        } catch (problem) {
          return refusal(asCallerFault(problem).error)
        }
      },
      { parse: "none" },
    )
    .post(
      "/api/session/logout",
      ({ request }) => {
        try {
          requireOwnPage(request)
          return new Response(null, { status: 204, headers: { "set-cookie": cookie(request, "", 0) } })
        } catch (problem) {
          return refusal(asCallerFault(problem).error)
        }
      },
      { parse: "none" },
    )
    .all("/api/session/is-auth-enabled", only("GET"), { parse: "none" })
    .all("/api/session/login", only("POST"), { parse: "none" })
    .all("/api/session/logout", only("POST"), { parse: "none" })

  async function signIn(request: Request, given: Credential): Promise<Response> {
    const { admin } = doors()
    if (!admin) return Response.json({ signed_in: true })
    const verdict = gate.judge(request, [given], admin)
    if (verdict === "locked") throw tooManyGuesses(gate.waitMs(request))
    if (verdict === "wrong") {
      await gate.pause()
      throw fault("authentication", wrongText(admin), { blame: "caller" })
    }
    const headers = { "set-cookie": cookie(request, sessionValue(admin, Date.now()), sessionSeconds) }
    return Response.json({ signed_in: true }, { headers })
  }
}

const wrongText = ({ token }: AdminCredential): string =>
  token === undefined ? "This is not the name and the password." : "This is not the admin token."

/** Bifrost's members, and what the form is to ask for. */
const sessionView = (doors: DoorRules, entered: boolean): SessionView => ({
  is_auth_enabled: doors.admin !== undefined,
  has_valid_token: entered,
  asks_for: asksFor(doors),
})

/** Forms of other pages cannot send JSON, and a browser says where a request comes from. */
function requireOwnPage(request: Request): void {
  const json = /^application\/json\s*(;|$)/i.test(request.headers.get("content-type") ?? "")
  if (!json) throw fault("invalid-request", "send a JSON body, with content-type: application/json")
  if (!fromOwnPage(request.headers)) throw fault("forbidden-origin", "only the gateway's own page may sign in or out")
}

function readCredential(bytes: Uint8Array): Credential {
  const body = asObject(parseJson(utf8Text(bytes)))
  const secret = asString(body?.token) ?? asString(body?.password)
  if (secret === undefined) throw fault("invalid-request", 'send {"token": "…"}, or {"username": "…", "password": "…"}')
  return { name: asString(body?.username) ?? "", secret }
}

function cookie(request: Request, value: string, seconds: number): string {
  const secure = request.url.startsWith("https:") || request.headers.get("x-forwarded-proto")?.startsWith("https") === true
  return `${sessionCookieName}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`
}
