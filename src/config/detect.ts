import type { Environment, ProviderFacts } from "./facts.ts"
import { type ParseResult, parseConfig } from "./load.ts"

export interface DetectOptions {
  readonly env: Environment
  readonly providers: readonly ProviderFacts[]
  /** Whether something answers at an address. Asked only about default addresses on this machine. */
  readonly probe: (url: string) => Promise<boolean>
  /** Providers that are there in any case. */
  readonly always?: readonly string[]
}

export interface Detection {
  /** The file that somebody could have written; it holds references, never a key. */
  readonly text: string
  readonly result: ParseResult
}

/** How long a provider on this machine has to answer, so that a start is never slow for want of one. */
export const PROBE_DEADLINE_MS = 300
const LOOPBACK = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:\/|$)/

/**
 * A configuration for a start without a file: every provider whose customary environment variable is set, and every one
 * without keys that answers at its usual address on this machine.
 */
export async function detectConfig(options: DetectOptions): Promise<Detection> {
  const buildable = options.providers.filter((facts) => facts.unbuilt !== true)
  const always = options.always ?? ["mock"]
  const found = await Promise.all(buildable.map((facts) => isThere(facts, options)))
  const ids = buildable.filter((facts, index) => found[index] === true || always.includes(facts.id))
  const providers = Object.fromEntries(ids.map((facts) => [facts.id, {}]))
  const text = `${JSON.stringify({ providers }, null, 2)}\n`
  return { text, result: parseConfig(text, { env: options.env, providers: options.providers }) }
}

async function isThere(facts: ProviderFacts, options: DetectOptions): Promise<boolean> {
  if (facts.env !== undefined && (options.env[facts.env]?.trim() ?? "") !== "") return true
  const url = facts.defaultBaseUrl
  if (facts.needsKey || url === undefined || !LOOPBACK.test(url)) return false
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), PROBE_DEADLINE_MS)
  try {
    return await Promise.race([options.probe(url), late])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}

/** Asks an address for anything at all, past every proxy; an error status counts as an answer. */
export async function probeUrl(url: string, deadlineMs = PROBE_DEADLINE_MS): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(deadlineMs), redirect: "manual", proxy: "" })
    await answer.body?.cancel()
    return true
  } catch {
    return false
  }
}
