import type { Environment, ProviderFacts } from "../facts.ts"
import { nearestName } from "../nearest-name.ts"
import { pathText, type Report } from "../problem.ts"
import { type DocumentInput, routing as routingSchema } from "../schema/document.ts"
import type { Config, RoutingConfig } from "../types.ts"
import { findUnbuilt } from "../unbuilt-sections.ts"
import { compileAdmin } from "./admin.ts"
import { compileClient } from "./client.ts"
import { compileFallbacks } from "./fallbacks.ts"
import { compileProviders, type ProviderSet } from "./providers.ts"
import { createReferences, type UnsetKeys } from "./references.ts"

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
