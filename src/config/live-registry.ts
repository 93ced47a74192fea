import type { Registry } from "../core/registry.ts"
import { problemLine } from "./render-problems.ts"
import { type Bound, restartNotes } from "./restart.ts"
import { type ConfigChange, type ConfigSource, openConfig, type SourceOptions } from "./source.ts"
import type { Config } from "./types.ts"

export interface LiveRegistryOptions extends Omit<SourceOptions, "onChange"> {
  /** Where the gateway was told to listen by other means than the file. */
  readonly bound: Bound
  /** Makes a configuration ready for calls. */
  build(config: Config, version: number): Registry
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
  const { bound, build, changed, log, ...place } = options
  let registry: Registry | undefined
  let restart: ReturnType<typeof restartNotes> | undefined
  const onChange = (change: Exclude<ConfigChange, { kind: "unchanged" }>) => {
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
    log("info", `configuration ${hash} is in force; providers: ${[...registry.providers.keys()].join(", ") || "none"}`)
  }
  const source = await openConfig({ ...place, onChange })
  restart = restartNotes(source.current().config, bound)
  const made = build(source.current().config, source.current().version)
  return { source, registry: () => registry ?? made }
}

/** A disk that is busy elsewhere can hold up a write for seconds, so this is not waited for at the start. */
export async function keepFirst({ keep }: ConfigSource, log: LiveRegistryOptions["log"]): Promise<void> {
  for (const problem of await keep()) log("warn", problemLine(problem))
}
