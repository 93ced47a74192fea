import { resolve } from "node:path"
import type { Environment } from "../config/facts.ts"
import { UsageError } from "./command.ts"

const usualDir = process.platform === "win32" ? "%APPDATA%\\gantry" : "~/.config/gantry"

/** Flags of every command that looks at a configuration or an address. */
export const placeFlags = {
  config: { type: "string", valueHint: "file", description: "Configuration file (default: config.json in the folder)" },
  dir: { type: "string", valueHint: "folder", description: `Folder for configuration and logs (default: ${usualDir})` },
} as const

export const addressFlags = {
  port: { type: "string", alias: "p", valueHint: "number", description: "Port, 0 for any free one (default: 8080)" },
  host: { type: "string", valueHint: "address", description: "Address to listen on (default: 127.0.0.1)" },
} as const

export const environmentNote =
  "environment: GANTRY_PORT, GANTRY_HOST, GANTRY_DIR, GANTRY_LOG_LEVEL (APP_PORT, APP_HOST, APP_DIR also work)"

const logLevels = ["debug", "info", "warn", "error"] as const
export type LogLevel = (typeof logLevels)[number]

/** What somebody asked for by flag, else by variable; undefined where nobody did. */
export interface Settings {
  readonly host: string | undefined
  readonly port: number | undefined
  readonly dir: string | undefined
  /** Absolute. */
  readonly file: string | undefined
}

interface Flags {
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly dir?: string | undefined
  readonly config?: string | undefined
}

export function readSettings(flags: Flags, env: Environment): Settings {
  const dir = flags.dir ?? variable(env, "DIR")?.value
  return {
    host: flags.host ?? variable(env, "HOST")?.value,
    port: readPort(flags.port, env),
    dir: dir === undefined ? undefined : resolve(dir),
    file: flags.config === undefined ? undefined : resolve(flags.config),
  }
}

function readPort(flag: string | undefined, env: Environment): number | undefined {
  const given = flag === undefined ? variable(env, "PORT") : { name: "--port", value: flag }
  if (given === undefined) return undefined
  const port = Number(given.value)
  if (!/^\d{1,5}$/.test(given.value) || port > 65_535)
    throw new UsageError(`${given.name} is "${given.value}", which is no port; ports are numbers from 0 to 65535`)
  return port
}

export function readLogLevel(flag: string | undefined, env: Environment): LogLevel {
  const given = flag === undefined ? variable(env, "LOG_LEVEL") : { name: "--log-level", value: flag }
  if (given === undefined) return "info"
  const level = logLevels.find((known) => known === given.value.toLowerCase())
  if (level === undefined) throw new UsageError(`${given.name} is "${given.value}"; it can be ${logLevels.join(", ")}`)
  return level
}

function variable(env: Environment, suffix: string): { readonly name: string; readonly value: string } | undefined {
  for (const name of [`GANTRY_${suffix}`, `APP_${suffix}`]) {
    const value = env[name]?.trim()
    if (value !== undefined && value !== "") return { name, value }
  }
  return undefined
}
