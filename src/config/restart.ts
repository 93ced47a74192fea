import type { Config } from "./types.ts"

/** Where the gateway was told to listen by other means, the file does not matter. */
export interface Bound {
  readonly host: string | undefined
  readonly port: number | undefined
}

/**
 * For edits of a running gateway's file: gives the paths of those settings that differ from what the gateway was started with and take
 * effect with the next start only. Each path comes once, until it is as it was at the start again.
 */
export function restartNotes(started: Config, bound: Bound): (next: Config) => readonly string[] {
  let told: ReadonlySet<string> = new Set()
  return (next) => {
    const differing = Object.entries(fixedAtStart).flatMap(([path, read]) => {
      const [was, is] = [read(started, bound), read(next, bound)]
      return was === undefined || is === undefined || was === is ? [] : [path]
    })
    const fresh = differing.filter((path) => !told.has(path))
    told = new Set(differing)
    return fresh
  }
}

/** Undefined: what the file says takes effect, or does not count. */
const fixedAtStart: Readonly<Record<string, (config: Config, bound: Bound) => unknown>> = {
  "server.host": ({ server }, { host }) => (host === undefined ? (server.host ?? "default") : undefined),
  "server.port": ({ server }, { port }) => (port === undefined ? (server.port ?? "default") : undefined),
  "client.log_retention_days": ({ client: { logging } }) => (logging.enabled ? logging.retentionDays : undefined),
}
