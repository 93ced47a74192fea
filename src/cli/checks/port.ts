import type { Config } from "../../config/types.ts"
import { isLoopback, urlHost } from "../address.ts"
import { listenFailure } from "../start-failure.ts"
import type { Finding } from "./finding.ts"

export interface Bind {
  readonly host: string
  readonly port: number
}

/** Listens for a moment. */
export async function checkPort({ host, port }: Bind): Promise<Finding> {
  const subject = "port"
  const place = `${urlHost(host)}:${port}`
  try {
    const server = Bun.serve({ hostname: host, port, fetch: () => new Response(null, { status: 503 }) })
    await server.stop(true)
    return { level: "ok", subject, text: `${place} is free` }
  } catch (error) {
    const reason = listenFailure(error)
    if (reason === undefined) throw error
    if (await isGateway(host, port))
      return { level: "warn", subject, text: `a gateway is running at ${place} already`, hint: "choose another with --port" }
    return { level: "fail", subject, text: `${place} cannot be used`, hint: reason }
  }
}

async function isGateway(host: string, port: number): Promise<boolean> {
  if (port === 0) return false
  const name = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : urlHost(host)
  try {
    const response = await fetch(`http://${name}:${port}/health`, { signal: AbortSignal.timeout(1_000), proxy: "" })
    const health = (await response.json()) as { version?: unknown; config?: { source?: unknown } }
    return typeof health.version === "string" && typeof health.config?.source === "string"
  } catch {
    return false
  }
}

const shut: Finding = {
  level: "fail",
  subject: "access",
  text: "calls to models need a credential and none is set, so all are refused",
  hint: 'set "admin": { "token": "env.GANTRY_ADMIN_TOKEN" }, or take out client.enforce_auth_on_inference',
}

/** What an address that others can reach asks for. */
export function checkBind({ host }: Bind, { admin, client }: Config): readonly Finding[] {
  const credential = admin.token !== undefined || (admin.enabled && admin.password !== undefined)
  if (isLoopback(host)) {
    const own: Finding = { level: "ok", subject: "access", text: "only this machine can call" }
    return client.enforceAuthOnInference && !credential ? [own, shut] : [own]
  }
  const inference: Finding = client.enforceAuthOnInference
    ? { level: "ok", subject: "access", text: "calls to models need a credential" }
    : {
        level: "warn",
        subject: "access",
        text: `anybody who reaches ${host} can call your models`,
        hint: "listen on 127.0.0.1, set client.enforce_auth_on_inference, or put something in front that knows its callers",
      }
  const page: Finding = credential
    ? { level: "ok", subject: "admin", text: "the page and its API need a credential" }
    : {
        level: "warn",
        subject: "admin",
        text: "no credential is set; each start makes and prints a new one",
        hint: 'set "admin": { "token": "env.GANTRY_ADMIN_TOKEN" }',
      }
  return [inference, page]
}
