import type { ProviderFacts } from "../facts.ts"
import { KNOWN_PROVIDERS } from "../known-providers.ts"
import { nearestName } from "../nearest-name.ts"
import type { Path, Report } from "../problem.ts"
import type { DocumentInput } from "../schema/document.ts"
import type { ProviderInput } from "../schema/provider.ts"
import type { ProviderConfig } from "../types.ts"
import { compileFallbacks } from "./fallbacks.ts"
import { compileProvider, type ProviderContext, type ProviderDraft } from "./provider.ts"

export interface ProviderSet {
  readonly providers: readonly ProviderConfig[]
  readonly ids: ReadonlySet<string>
  /** Named in the file and left out, because this build cannot call them. */
  readonly skipped: ReadonlySet<string>
}

/** By ids in lower case, in the order of the file, fallbacks resolved among them. Faults are reported, and cost their provider or part of it. */
export function compileProviders(
  input: DocumentInput["providers"],
  facts: readonly ProviderFacts[],
  context: ProviderContext,
): ProviderSet {
  const { report } = context
  const byId = new Map(facts.map((fact) => [fact.id, fact]))
  const drafts: { draft: ProviderDraft; input: ProviderInput; path: Path }[] = []
  const skipped = new Set<string>()
  const ids = new Set<string>()
  for (const [name, provider] of Object.entries(input ?? {})) {
    const id = name.toLowerCase()
    const path = ["providers", name]
    if (!/^[^\s/]{1,100}$/.test(id)) report.unknownName(path, 'a provider\'s name must not be empty or hold spaces or "/"')
    else if (ids.has(id) || skipped.has(id)) report.unknownName(path, `the provider ${id} is there twice; case does not count`)
    else {
      const kind = kindOf(id, provider, byId, path, report)
      if (kind === undefined) {
        skipped.add(id)
        continue
      }
      ids.add(id)
      drafts.push({ draft: compileProvider(id, provider, kind, path, context), input: provider, path })
    }
  }
  const providers = drafts.map(({ draft, input: given, path }): ProviderConfig => {
    const at = [...path, "fallbacks"]
    return { ...draft, fallbacks: given.fallbacks && compileFallbacks(given.fallbacks, ids, skipped, at, report) }
  })
  return { providers, ids, skipped }
}

/** Whose API a provider speaks; nothing when it has to be left out, which has then been reported. */
function kindOf(
  id: string,
  input: ProviderInput,
  facts: ReadonlyMap<string, ProviderFacts>,
  path: Path,
  report: Report,
): ProviderFacts | undefined {
  const custom = input.custom_provider_config
  const buildable = [...facts.values()].filter((fact) => fact.unbuilt !== true).map((fact) => fact.id)
  const own = facts.get(id)
  if (custom === undefined) {
    if (own !== undefined && own.unbuilt !== true) return own
    if (own !== undefined || KNOWN_PROVIDERS.includes(id)) {
      report.warn(path, `the provider ${id} is known, but this version cannot call it yet; it is left out`)
      return undefined
    }
    const nearest = nearestName(id, [...buildable, ...KNOWN_PROVIDERS])
    report.unknownName(
      path,
      `no provider is called "${id}"`,
      nearest === undefined
        ? 'for a provider of your own, add "custom_provider_config": { "base_provider_type": "…" }'
        : `did you mean "${nearest}"? For a provider of your own, add "custom_provider_config"`,
    )
    return undefined
  }
  if (own !== undefined) {
    report.error(
      [...path, "custom_provider_config"],
      `${id} is the name of a built-in provider`,
      `give your own another name, for instance "my-${id}"`,
    )
    return undefined
  }
  const at = [...path, "custom_provider_config", "base_provider_type"]
  const base = custom.base_provider_type.toLowerCase()
  const fact = facts.get(base)
  if (fact !== undefined && fact.unbuilt !== true) return fact
  if (fact !== undefined || KNOWN_PROVIDERS.includes(base)) {
    report.warn(at, `the API of ${base} is known, but this version cannot speak it yet; ${id} is left out`)
    return undefined
  }
  const nearest = nearestName(base, buildable)
  report.error(
    at,
    `"${base}" is not the name of a built-in provider`,
    nearest === undefined ? `known: ${buildable.join(", ")}` : `did you mean "${nearest}"?`,
  )
  return undefined
}
