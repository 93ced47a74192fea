import { limitsOf, ownerOf } from "../catalog/owner.ts"
import type { ModelInfo, Provider } from "../core/provider.ts"
import type { ProviderEntry, Registry, Transport } from "../core/registry.ts"
import { buildRegistry, type RegistryParts } from "./registry.ts"
import { problemLine } from "./render-problems.ts"
import { type Bound, restartNotes } from "./restart.ts"
import { secretsIn } from "./secrets-in.ts"
import { type ConfigNews, type ConfigSource, openConfig, type SourceOptions } from "./source.ts"
import { type ConnectionOptions, connectionOptions } from "./transport-options.ts"
import type { Config } from "./types.ts"

export interface LiveRegistryOptions extends Omit<SourceOptions, "onChange"> {
  /** Where the gateway was told to listen by other means than the file. */
  readonly bound: Bound
  readonly provider: RegistryParts["provider"]
  readonly keyVariable: RegistryParts["keyVariable"]
  transport(provider: Provider, connection: ConnectionOptions): Transport
  /** Model lists, which go with what their providers were. */
  readonly lists: {
    known(provider: string): { readonly models: readonly ModelInfo[] }
    keep(providers: Iterable<ProviderEntry>): void
  }
  /** Is told of every secret before it is used, and some time after the last configuration that has it. */
  readonly secrets: { add(secret: string): () => void }
  /** What else an operator has to know of an edit that is in force. */
  warnings(config: Config): readonly string[]
  /** Another one than that of the start is in force. */
  changed(registry: Registry): void
  log(level: "info" | "warn" | "error", message: string): void
}

export interface LiveRegistry {
  readonly source: ConfigSource
  /** Of the configuration in force. */
  registry(): Registry
}

/**
 * The configuration and the registry made of it, kept up to date together; says what becomes of edits.
 *
 * @throws ConfigRejected
 */
export async function openLiveRegistry(options: LiveRegistryOptions): Promise<LiveRegistry> {
  const { bound, changed, log, ...place } = options
  const build = buildWith(options)
  let registry: Registry | undefined
  let restart: ReturnType<typeof restartNotes> | undefined
  const onChange = (change: ConfigNews) => {
    if (change.kind === "mended") return log("info", "the configuration file is good again: what it says is in force")
    if (change.kind === "rejected") {
      const errors = change.problems.filter(({ severity }) => severity === "error")
      for (const problem of errors) log("error", problemLine(problem))
      log("error", "the edited configuration is not used: the last good one stays in force")
      return
    }
    const { config, version, hash, warnings } = change.snapshot
    registry = build(config, version)
    changed(registry)
    for (const problem of warnings) log("warn", problemLine(problem))
    for (const path of restart?.(config) ?? []) log("warn", `${path}: the edit takes effect with the next start`)
    for (const warning of options.warnings(config)) log("warn", warning)
    log("info", `configuration ${hash} is in force; providers: ${[...registry.providers.keys()].join(", ") || "none"}`)
  }
  const source = await openConfig({ ...place, onChange })
  restart = restartNotes(source.current().config, bound)
  const made = build(source.current().config, source.current().version)
  return { source, registry: () => registry ?? made }
}

/** Calls end on the configuration that they began with, and are written down a little later. */
const rememberedMs = 3_600_000
const rememberedConfigs = 1_000

/** Keeps the secrets of the latest configurations known. */
function remembering(secrets: LiveRegistryOptions["secrets"], now: () => number): (config: Config) => void {
  const known: { readonly since: number; readonly forget: readonly (() => void)[] }[] = []
  return (config) => {
    const since = now()
    known.push({ since, forget: secretsIn(config).map((secret) => secrets.add(secret)) })
    // one is out of force since the next one came
    while (known.length > rememberedConfigs || (known[1] && known[1].since < since - rememberedMs))
      for (const forget of known.shift()?.forget ?? []) forget()
  }
}

/** Makes a configuration ready for calls. */
function buildWith({ provider, keyVariable, transport, lists, secrets, now = Date.now }: LiveRegistryOptions) {
  const remember = remembering(secrets, now)
  return (config: Config, version: number): Registry => {
    remember(config)
    const registry = buildRegistry(config, {
      version,
      provider,
      transport: (made, entry) => transport(made, connectionOptions(entry)),
      owner: ownerOf,
      limitsOf: (model) => limitsOf(model),
      keyVariable,
      listed: (id) => lists.known(id).models,
    })
    lists.keep(registry.providers.values())
    return registry
  }
}

/** A disk that is busy elsewhere can hold up a write for seconds, so this is not waited for at the start. */
export async function keepFirst({ keep }: ConfigSource, log: LiveRegistryOptions["log"]): Promise<void> {
  for (const problem of await keep()) log("warn", problemLine(problem))
}
