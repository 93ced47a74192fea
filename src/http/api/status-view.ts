import { problemLine } from "../../config/render-problems.ts"
import type { ConfigSource } from "../../config/source.ts"
import type { LogHealth } from "../../core/record.ts"
import { type KeyEntry, mayServe, type ProviderEntry, type Registry } from "../../core/registry.ts"
import type { ModelListing, ModelLists } from "../../dispatch/models.ts"
import type { DispatchState } from "../../dispatch/state.ts"
import { maskSecret } from "../../lib/redact.ts"
import { asksFor, type DoorRules } from "../doors.ts"
import type { ConfigView, KeyView, ProviderView, StatusView } from "./types.ts"

export interface StatusParts {
  readonly version: string
  readonly startedAt: number
  readonly url: string
  readonly source: ConfigSource
  readonly registry: Registry
  readonly state: DispatchState
  readonly lists: ModelLists
  readonly log: LogHealth
  readonly draining: boolean
  readonly doors: DoorRules
  /** Takes secrets out of what vendors said about keys. */
  redact(text: string): string
  readonly totals: StatusView["totals"]
}

/** How the gateway is, without a secret in it. */
export async function statusView(parts: StatusParts): Promise<StatusView> {
  const { version, startedAt, url, registry, lists, log, doors, totals } = parts
  const providers = [...registry.providers.values()]
  const listings = await lists.read(providers)
  return {
    version,
    startedAt,
    state: stateOf(parts),
    url,
    config: configView(parts.source),
    providers: providers.map((provider) => providerView(provider, listings.get(provider.id), parts)),
    log,
    ...(doors.guardInference ? { callsNeed: asksFor(doors) } : {}),
    totals,
  }
}

function stateOf({ draining, registry, source, log }: StatusParts): StatusView["state"] {
  if (draining) return "draining"
  if (registry.providers.size === 0) return "unable"
  return source.problems().length > 0 || source.state() === "last-good" || log.state === "degraded" || log.state === "down"
    ? "degraded"
    : "serving"
}

function configView(source: ConfigSource): ConfigView {
  const snapshot = source.current()
  return {
    source: snapshot.state,
    ...(snapshot.state === "detected" ? {} : { file: source.file }),
    version: snapshot.version,
    hash: snapshot.hash,
    loadedAt: snapshot.loadedAt,
    problems: source.problems().map(problemLine),
    warnings: snapshot.warnings.map(problemLine),
  }
}

function providerView(provider: ProviderEntry, listing: ModelListing | undefined, parts: StatusParts): ProviderView {
  const load = parts.state.load().find((entry) => entry.provider === provider.id)
  return {
    id: provider.id,
    label: provider.label,
    baseUrl: provider.connection.baseUrl,
    wires: [...new Set(provider.routes.map((route) => route.wire.id))],
    keys: provider.keys.map((key) => keyView(provider.id, key, parts)),
    running: load?.running ?? 0,
    waiting: load?.waiting ?? 0,
    concurrency: provider.concurrency,
    models: listing?.models.map((model) => model.id).filter((model) => mayServe(provider, model)) ?? [],
    ...(listing?.error === undefined ? {} : { modelsError: listing.error }),
  }
}

function keyView(provider: string, key: KeyEntry, { state, redact }: StatusParts): KeyView {
  const cooling = state.cooldowns.list().find((entry) => entry.provider === provider && entry.key === key.id)?.health
  const value = key.reveal()
  return {
    id: key.id,
    name: key.name,
    masked: value === undefined ? "" : maskSecret(value),
    weight: key.weight,
    ...(cooling ? { cooling: { until: cooling.until, reason: redact(cooling.reason) } } : {}),
  }
}
