import type { ModelInfo, Provider } from "../core/provider.ts"
import { type KeyEntry, mayServe, type ProviderEntry, type Registry, type Transport } from "../core/registry.ts"
import type { FallbackRef } from "../core/wire.ts"
import { onceFor } from "../lib/once-for.ts"
import { allows } from "./name-filter.ts"
import { modelListOf, routesOf } from "./routes.ts"
import type { Config, FallbackConfig, KeyConfig, ProviderConfig } from "./types.ts"

export interface RegistryParts {
  readonly version: number
  /** The provider behind a configured name; undefined when this build has none. */
  provider(id: string, baseType: string, custom: boolean): Provider | undefined
  transport(provider: Provider, config: ProviderConfig): Transport
  owner(model: string): string | undefined
  limitsOf(model: string): { readonly context?: number; readonly maxOutput?: number }
  keyVariable(provider: string): string | undefined
  listed(provider: string): readonly ModelInfo[]
}

/** Without a client taking anything for this long, a stream is closed. */
const clientStallMs = 120_000

/** A configuration made ready for calls. */
export function buildRegistry(config: Config, parts: RegistryParts): Registry {
  const providers = new Map<string, ProviderEntry>()
  for (const entry of inOrder(config)) {
    const provider = parts.provider(entry.id, entry.baseType, entry.custom)
    if (entry.enabled && provider) providers.set(entry.id, providerEntry(entry, provider, parts))
  }
  const served = new Map([...providers].map(([id, provider]) => [id, onceFor(servedNames(provider))]))
  const { routing, client } = config
  return {
    version: parts.version,
    providers,
    fallbacks: routing.fallbacks.map(fallbackRef),
    limits: {
      maxTargets: routing.maxTargets,
      maxTries: routing.maxTries,
      callTotalMs: routing.totalTimeoutMs,
      queueWaitMs: routing.queueWaitMs,
      dropExcess: client.dropExcessRequests,
      keepAliveMs: client.streamKeepAliveMs,
      clientStallMs,
    },
    allowDirectKeys: client.allowDirectKeys,
    headerFilter: client.headerFilter,
    allowRawOverride: client.perRequestRawOverride,
    owner: parts.owner,
    limitsOf: parts.limitsOf,
    keyVariable: parts.keyVariable,
    listed: (id) => served.get(id)?.(parts.listed(id)) ?? [],
  }
}

const servedNames = (provider: ProviderEntry) => (listed: readonly ModelInfo[]) =>
  listed.map(({ id }) => id).filter((id) => mayServe(provider, id))

/** `routing.order` first, then as in the file. */
function inOrder({ providers, routing }: Config): readonly ProviderConfig[] {
  const rank = (id: string) => {
    const place = routing.order.indexOf(id)
    return place < 0 ? routing.order.length : place
  }
  return [...providers].sort((left, right) => rank(left.id) - rank(right.id))
}

/** An entry without a model keeps the name that was asked for. */
const fallbackRef = ({ provider, model }: FallbackConfig): FallbackRef => ({ provider, model: model ?? "" })

function providerEntry(config: ProviderConfig, provider: Provider, parts: RegistryParts): ProviderEntry {
  const { network } = config
  const models = modelListOf(config, provider)
  return {
    id: config.id,
    label: provider.label,
    standIn: provider.standIn ?? false,
    needsKey: provider.needsKey,
    connection: {
      provider: config.id,
      baseUrl: config.network.baseUrl ?? provider.defaultBaseUrl ?? "",
    },
    routes: routesOf(config, provider),
    keys: config.keys.filter((key) => key.enabled).map((key) => keyEntry(config, key)),
    unsetKeys: config.keys.flatMap((key) =>
      key.unset === undefined ? [] : [{ id: key.id, name: key.name, variable: key.unset, names: namesOf(key) }],
    ),
    keyRemedy: keyRemedy(config),
    timeouts: network.timeouts,
    retry: network.retry,
    concurrency: config.concurrency,
    bufferSize: config.bufferSize,
    extraHeaders: network.extraHeaders.map(([name, value]) => [name, value.reveal()] as const),
    betaOverrides: network.betaHeaderOverrides,
    ...(config.fallbacks ? { fallbacks: config.fallbacks.map(fallbackRef) } : {}),
    sendBack: { request: config.flags.sendBackRawRequest, response: config.flags.sendBackRawResponse },
    transport: parts.transport(provider, config),
    ...(models ? { models } : {}),
  }
}

/** Said to callers, so it names places and variables and nothing that stands in them. */
function keyRemedy({ id, keys, keyVariable, custom }: ProviderConfig): string {
  const place = `providers.${id}.keys`
  if (keys.length > 0) return `enable a key under ${place}, or add one`
  if (keyVariable !== undefined)
    return `set the environment variable ${keyVariable} for the start of the gateway, or add a key under ${place}`
  return `add a key under ${place}${custom ? ", or set custom_provider_config.is_key_less if it wants none" : ""}`
}

function keyEntry({ id: provider, network }: ProviderConfig, key: KeyConfig): KeyEntry {
  const { url } = key.settings
  return {
    id: key.id,
    name: key.name,
    ...(url === undefined || url === network.baseUrl ? {} : { connection: { provider, baseUrl: url } }),
    reveal: () => key.value?.reveal(),
    weight: key.weight,
    allows: (model) => allows(key.models, model) && (isEmpty(key) || !allows(key.blockedModels, model)),
    aliasOf: (model) => key.aliases.get(model),
    names: namesOf(key),
  }
}

const namesOf = ({ aliases, models }: KeyConfig): readonly string[] => [...aliases.keys(), ...(models.all ? [] : models.names)]

const isEmpty = ({ blockedModels }: KeyConfig): boolean =>
  !blockedModels.all && blockedModels.names.length === 0 && blockedModels.patterns.length === 0
