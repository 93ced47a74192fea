import type { ConfigSource } from "../config/source.ts"
import type { LogHealth } from "../core/record.ts"
import type { Registry } from "../core/registry.ts"
import type { DispatchState } from "../dispatch/state.ts"

/** Every key of the configuration, and whether it is in use or left alone after a failure. */
export function* keyStates({ providers }: Registry, { cooldowns }: DispatchState) {
  const cooling = new Set(cooldowns.list().map(({ provider, key }) => `${provider}\n${key}`))
  for (const { id: provider, keys } of providers.values()) {
    for (const { id, name } of keys) yield { provider, id, name, up: !cooling.has(`${provider}\n${id}`) }
  }
}

export interface HealthSources {
  readonly version: string
  readonly source: ConfigSource
  readonly registry: Registry
  readonly draining: boolean
  readonly log: LogHealth
}

/** Whether the gateway takes calls: a log that is down does not keep it from that. */
export function health({ version, source, registry, draining, log }: HealthSources) {
  const { providers } = registry
  const able = providers.size > 0
  const status = draining ? "draining" : able ? "ok" : "unable"
  return {
    status: draining || !able ? 503 : 200,
    body: {
      status,
      version,
      config: { source: source.state(), problems: source.problems().length },
      // why is for those who may see the status: it names files
      log: { state: log.state },
    },
  }
}
