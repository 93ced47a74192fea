import type { Environment, ProviderFacts } from "../facts.ts"
import { nearestName } from "../nearest-name.ts"
import { type Path, pathText, type Report } from "../problem.ts"
import { type DocumentInput, routing as routingSchema } from "../schema/document.ts"
import type { Reference } from "../schema/values.ts"
import type { AdminConfig, Config, RoutingConfig } from "../types.ts"
import { findUnbuilt } from "../unbuilt-sections.ts"
import { compileClient } from "./client.ts"
import { compileFallbacks } from "./fallbacks.ts"
import { compileProviders, type ProviderSet } from "./providers.ts"
import { createReferences, isEmptyText, type References, type UnsetKeys } from "./references.ts"

const CALL_TIMEOUT_MS = 900_000

export interface CompileContext {
  readonly env: Environment
  /** The built-in providers. */
  readonly providers: readonly ProviderFacts[]
  /** Default: refuse. */
  readonly unsetKeys?: UnsetKeys
}

/** From a document that the schema accepts to a configuration; what the schema cannot see is reported. */
export function compileConfig(input: DocumentInput, context: CompileContext, report: Report): Config {
  const { env, providers: facts, unsetKeys = "refuse" } = context
  const references = createReferences(env, report, unsetKeys)
  const set = compileProviders(input.providers, facts, { version: input.version, env, references, report })
  const unbuilt = findUnbuilt(input)
  const first = unbuilt[0]
  const names = unbuilt.map(pathText)
  if (first !== undefined) {
    const which = names.length === 1 ? "" : `: ${names.join(", ")}`
    report.warn(first, `accepted, but without effect in this version${which}`)
  }
  return freeze({
    version: input.version,
    envLabel: input.env_label,
    encryptionKey: references.secret(input.encryption_key, ["encryption_key"]),
    server: { host: input.server?.host, port: input.server?.port },
    admin: compileAdmin(input, references, report),
    client: compileClient(input.client, report),
    routing: compileRouting(input.routing, set, report),
    providers: set.providers,
    unbuilt: names,
  })
}

function compileAdmin(input: DocumentInput, references: References, report: Report): AdminConfig {
  const [auth, path] =
    input.auth_config === undefined
      ? [input.governance?.auth_config, ["governance", "auth_config"]]
      : [input.auth_config, ["auth_config"]]
  const token = input.admin?.token
  if (token !== undefined && isEmptyText(token)) report.warn(["admin", "token"], "is empty, which counts as not set")
  const lookup = auth?.is_enabled === false ? references.lenient : references
  if (auth?.is_enabled !== false) checkLogin(auth, token, path, report)
  return {
    enabled: auth?.is_enabled !== false,
    token: references.secret(token, ["admin", "token"]),
    username: lookup.text(auth?.admin_username, [...path, "admin_username"]),
    password: lookup.secret(auth?.admin_password, [...path, "admin_password"]),
  }
}

type Login = DocumentInput["auth_config"]

/** What is half there lets nobody in, and what is not there at all everybody. */
function checkLogin(auth: Login, token: Reference | undefined, path: Path, report: Report): void {
  const given = (value: Reference | undefined) => value !== undefined && !isEmptyText(value)
  const [username, password] = [given(auth?.admin_username), given(auth?.admin_password)]
  if (username !== password)
    report.error(path, `needs ${username ? '"admin_password"' : '"admin_username"'} as well`, "the two are one credential")
  else if (auth?.is_enabled === true && !username && !given(token))
    report.error(
      [...path, "is_enabled"],
      "is true, and there is no credential to ask for",
      'write "admin_username" and "admin_password" beside it, or "admin": { "token": "env.NAME" }',
    )
}

function compileRouting(given: DocumentInput["routing"], set: ProviderSet, report: Report): RoutingConfig {
  const input = given ?? routingSchema.parse({})
  const order: string[] = []
  for (const [index, name] of input.order.entries()) {
    const id = name.toLowerCase()
    const at = ["routing", "order", index]
    if (set.ids.has(id)) order.push(id)
    else if (set.skipped.has(id)) report.warn(at, `${id} is not in use`)
    else {
      const nearest = nearestName(id, set.ids)
      report.error(
        at,
        `"${name}" is not a provider of this file`,
        nearest === undefined ? undefined : `did you mean "${nearest}"?`,
      )
    }
  }
  return {
    maxTargets: input.max_targets,
    maxTries: input.max_tries,
    totalTimeoutMs: input.total_timeout_in_seconds === undefined ? callTimeout(set) : input.total_timeout_in_seconds * 1000,
    queueWaitMs: input.queue_wait_in_seconds * 1000,
    order: [...new Set(order)],
    fallbacks: compileFallbacks(input.fallbacks, set.ids, set.skipped, ["routing", "fallbacks"], report),
  }
}

/** A call never ends before the single try that its provider was expressly given time for. */
function callTimeout(set: ProviderSet): number {
  const tries = set.providers.map(({ network: { timeouts } }) => Math.max(timeouts.unaryTotalMs, timeouts.streamTotalMs))
  return Math.max(CALL_TIMEOUT_MS, ...tries)
}

/** Freezes plain objects and lists all the way down; maps, sets and secrets are read-only by type. */
function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && !Array.isArray(value)) return value
  for (const member of Object.values(value)) freeze(member)
  return Object.freeze(value)
}
