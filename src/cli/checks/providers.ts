import { probeUrl } from "../../config/detect.ts"
import type { Environment, ProviderFacts } from "../../config/facts.ts"
import type { Config, ProviderConfig } from "../../config/types.ts"
import { isLoopback } from "../address.ts"
import type { Finding } from "./finding.ts"

export interface ProviderCheck {
  readonly facts: readonly ProviderFacts[]
  readonly env: Environment
  /** There is no file: these providers were found. */
  readonly detected: boolean
  readonly online: boolean
}

const answerDeadlineMs = 5_000

/** One line a provider: what its keys come from, whether it answers. Without a file also the variables that would bring further providers. */
export async function checkProviders({ providers }: Config, options: ProviderCheck): Promise<readonly Finding[]> {
  const enabled = providers.filter(({ enabled }) => enabled)
  if (enabled.length === 0)
    return [{ level: "fail", subject: "providers", text: "there is none", hint: "list one under providers in the file" }]
  const findings = await Promise.all(enabled.map((provider) => checkProvider(provider, options)))
  return options.detected ? [...findings, ...unfound(enabled, options)] : findings
}

/** What would be found besides if it were there. */
function unfound(found: readonly ProviderConfig[], { facts, env }: ProviderCheck): readonly Finding[] {
  const absent = facts.flatMap(({ env: variable }) => (variable === undefined || env[variable] ? [] : variable))
  if (absent.length === 0) return []
  const names = absent.join(", ")
  const standInsOnly = found.every((provider) => hostOf(provider, facts)?.endsWith(".localhost") === true)
  return standInsOnly
    ? [{ level: "warn", subject: "providers", text: "neither a key nor a local server was found", hint: `set one of ${names}` }]
    : [{ level: "ok", subject: "not set", text: `${names}; each would bring its provider` }]
}

async function checkProvider(provider: ProviderConfig, { facts, online }: ProviderCheck): Promise<Finding> {
  const subject = provider.id
  const known = facts.find(({ id }) => id === provider.id)
  const baseUrl = baseUrlOf(provider, facts)
  const keys = keysText(provider)
  const usable = provider.keyless || provider.keys.some((key) => key.enabled && key.value !== undefined)
  const unset = provider.keys.flatMap((key) => key.unset ?? [])
  if (!usable && (known?.needsKey === true || unset.length > 0)) {
    const wanted = unset.length > 0 ? unset.join(", ") : known?.env
    const hint = wanted === undefined ? "give it a key" : `set ${wanted}`
    return { level: "warn", subject, text: "no key", hint }
  }
  const host = hostOf(provider, facts)
  if (baseUrl === undefined || host === undefined || host.endsWith(".localhost")) return { level: "ok", subject, text: keys }
  const here = isLoopback(host)
  if (!here && !online) return { level: "ok", subject, text: `${keys}; ${baseUrl}` }
  const answers = here ? await probeUrl(baseUrl, answerDeadlineMs) : await reaches(baseUrl)
  if (answers) return { level: "ok", subject, text: `${keys}; ${baseUrl} answers` }
  const hint = here ? "start it, or take it out of the configuration" : "look at DNS, firewall and proxy settings"
  return { level: here ? "warn" : "fail", subject, text: `${keys}; ${baseUrl} does not answer`, hint }
}

const baseUrlOf = ({ id, network }: ProviderConfig, facts: readonly ProviderFacts[]): string | undefined =>
  network.baseUrl ?? facts.find((known) => known.id === id)?.defaultBaseUrl

function hostOf(provider: ProviderConfig, facts: readonly ProviderFacts[]): string | undefined {
  const url = baseUrlOf(provider, facts)
  return url === undefined ? undefined : new URL(url).hostname
}

function keysText({ keys, keyless }: ProviderConfig): string {
  const named = keys.flatMap(({ name, value, enabled }) => {
    if (value === undefined) return []
    const source = value.origin?.startsWith("env.") ? value.origin.slice("env.".length) : name === "" ? "a key" : `key ${name}`
    return enabled ? source : `${source} (off)`
  })
  if (named.length > 0) return `${named.join(", ")} set`
  return keyless ? "needs no key" : "no key"
}

async function reaches(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerDeadlineMs), redirect: "manual" })
    await response.body?.cancel()
    return true
  } catch {
    return false
  }
}
