import type { ProviderEntry, Registry } from "../core/registry.ts"
import { nearest } from "../lib/nearest.ts"

export interface Candidate {
  readonly provider: ProviderEntry
  readonly model: string
  readonly reason: string
  /** The caller named the provider. */
  readonly named?: true
  /** The configuration alone says so, whatever models providers list. */
  readonly lasting?: true
}

/**
 * Who a model name means, in the order that decides: a configured provider before the first slash, in any case of letters; aliases and explicit key lists; the
 * dialect's own vendor; the catalog's first-party owner; a provider that lists the name; the sole provider. Ties go by config order.
 */
export function resolveModel(name: string, dialectVendor: string | undefined, registry: Registry): Candidate | undefined {
  const slash = name.indexOf("/")
  if (slash > 0) {
    const provider = registry.providers.get(name.slice(0, slash).toLowerCase())
    if (provider)
      return { provider, model: name.slice(slash + 1), reason: `named by prefix ${provider.id}/`, named: true, lasting: true }
  }
  return (
    byKeyLists(name, registry) ?? byVendor(name, dialectVendor, registry) ?? byListing(name, registry) ?? bySole(name, registry)
  )
}

function byKeyLists(name: string, registry: Registry): Candidate | undefined {
  const providers = [...registry.providers.values()]
  const naming = (keys: readonly { readonly names: readonly string[] }[] = []) => keys.some((key) => key.names.includes(name))
  const usable = providers.filter(({ keys }) => naming(keys))
  const matches = usable.length > 0 ? usable : providers.filter(({ unsetKeys }) => naming(unsetKeys))
  const [provider] = matches
  if (!provider) return undefined
  const tie = matches.length > 1 ? `, first of ${matches.map((match) => match.id).join(", ")} by config order` : ""
  return { provider, model: name, reason: `listed by a key of ${provider.id}${tie}`, lasting: true }
}

function byVendor(name: string, dialectVendor: string | undefined, registry: Registry): Candidate | undefined {
  const own = dialectVendor === undefined ? undefined : registry.providers.get(dialectVendor)
  if (own) return { provider: own, model: name, reason: `the dialect's own vendor ${own.id}`, lasting: true }
  const ownerId = registry.owner(name)
  const owner = ownerId === undefined ? undefined : registry.providers.get(ownerId)
  return owner && { provider: owner, model: name, reason: `first-party owner ${owner.id} by catalog`, lasting: true }
}

function byListing(name: string, registry: Registry): Candidate | undefined {
  for (const provider of registry.providers.values()) {
    if (registry.listed(provider.id).includes(name))
      return { provider, model: name, reason: `in the model list of ${provider.id}` }
  }
  return undefined
}

function bySole(name: string, registry: Registry): Candidate | undefined {
  if (meantProvider(name, registry) !== undefined || registry.providers.has(name)) return undefined
  const real = [...registry.providers.values()].filter((provider) => !provider.standIn)
  const [provider] = real
  return real.length === 1 && provider ? { provider, model: name, reason: `sole provider ${provider.id}` } : undefined
}

/** The provider whose name the part before the slash nearly is: text is not sent to another one over a slip of the keyboard. */
export function meantProvider(name: string, registry: Registry): string | undefined {
  const slash = name.indexOf("/")
  return slash > 0 ? nearest(name.slice(0, slash), registry.providers.keys(), { max: 1 })[0] : undefined
}

/** Every name a caller could have meant, for near matches. */
export function knownNames(registry: Registry): readonly string[] {
  const names = new Set<string>()
  for (const provider of registry.providers.values()) {
    for (const key of provider.keys) for (const name of key.names) names.add(name)
    for (const model of registry.listed(provider.id)) names.add(`${provider.id}/${model}`)
  }
  return [...names]
}
