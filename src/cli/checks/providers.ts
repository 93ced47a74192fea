import { probeUrl } from "../../config/detect.ts"
import type { Environment, ProviderFacts } from "../../config/facts.ts"
import type { Config, ProviderConfig } from "../../config/types.ts"
import { isLoopback } from "../address.ts"
import type { Finding } from "./finding.ts"

export interface ProviderCheck {
  readonly facts: readonly ProviderFacts[]
  readonly env: Environment
  readonly online: boolean
}

const egressDeadlineMs = 5_000

/** One line a provider: what its keys come from, whether it answers; and one for variables that would bring further providers. */
export async function checkProviders({ providers }: Config, options: ProviderCheck): Promise<readonly Finding[]> {
  const enabled = providers.filter(({ enabled }) => enabled)
  const findings = await Promise.all(enabled.map((provider) => checkProvider(provider, options)))
  const absent = options.facts.flatMap(({ id, env }) =>
    env === undefined || enabled.some((provider) => provider.id === id || options.env[env] !== undefined) ? [] : env,
  )
  const more: readonly Finding[] = absent.length === 0 ? [] : [{ level: "ok", subject: "not set", text: absent.join(", ") }]
  const none: Finding = {
    level: "fail",
    subject: "providers",
    text: "there is none",
    hint: "set a key such as those below, or write a config.json",
  }
  return [...(enabled.length === 0 ? [none] : []), ...findings, ...more]
}

async function checkProvider(provider: ProviderConfig, { facts, online }: ProviderCheck): Promise<Finding> {
  const subject = provider.id
  const known = facts.find(({ id }) => id === provider.id)
  const baseUrl = provider.network.baseUrl ?? known?.defaultBaseUrl
  const keys = keysText(provider)
  const usable = provider.keyless || provider.keys.some((key) => key.enabled && key.value !== undefined)
  const unset = provider.keys.flatMap((key) => key.unset ?? [])
  if (!usable && (known?.needsKey === true || unset.length > 0)) {
    const wanted = unset.length > 0 ? unset.join(", ") : known?.env
    const hint = wanted === undefined ? "give it a key" : `set ${wanted}`
    return { level: "warn", subject, text: "no key", hint }
  }
  const host = baseUrl === undefined ? undefined : new URL(baseUrl).hostname
  if (baseUrl === undefined || host === undefined || host.endsWith(".localhost")) return { level: "ok", subject, text: keys }
  const here = isLoopback(host)
  if (!here && !online) return { level: "ok", subject, text: `${keys}; ${baseUrl}` }
  const answers = here ? await probeUrl(baseUrl) : await reaches(baseUrl)
  if (answers) return { level: "ok", subject, text: `${keys}; ${baseUrl} answers` }
  const hint = here ? "start it, or take it out of the configuration" : "look at DNS, firewall and proxy settings"
  return { level: here ? "warn" : "fail", subject, text: `${keys}; ${baseUrl} does not answer`, hint }
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
    const response = await fetch(url, { signal: AbortSignal.timeout(egressDeadlineMs), redirect: "manual" })
    await response.body?.cancel()
    return true
  } catch {
    return false
  }
}
