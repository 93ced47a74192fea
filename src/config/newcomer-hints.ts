import { parseDuration } from "../lib/duration.ts"
import { KNOWN_PROVIDERS } from "./known-providers.ts"
import type { Path } from "./problem.ts"
import { DURATION } from "./schema/values.ts"

/** What people write who come from elsewhere, and what it is called here. No hint repeats a value that may be a secret. */

const NAMES: readonly (readonly [around: RegExp, name: RegExp, hint: (path: Path, given: unknown) => string])[] = [
  [/^$/, /^provider$/i, () => 'did you mean "providers"?'],
  [/^$/, /^logs?(?:ging)?$/i, () => 'settings of the log are in "client": enable_logging, log_retention_days and others'],
  [
    /^(?:client|server|logging)?$/,
    /^log(?:ging)?[-_]?level$/i,
    () => "the level is not set in the file: start with --log-level, or set GANTRY_LOG_LEVEL",
  ],
  [
    /^providers\.[^.]+$/,
    /^(?:type|kind|provider_?type|base_?provider)$/i,
    ([, provider], given) =>
      given === provider
        ? "leave it out: the provider's name says it"
        : `write "custom_provider_config": { "base_provider_type": "${typeWord(given)}" }`,
  ],
  [
    /^providers\.[^.]+$/,
    /^(?:(?:api[-_]?)?(?:key|token)|value|secret)$/i,
    (path, given) => `write "keys": [${keyObject(path, given)}]`,
  ],
  [
    /^providers\.[^.]+$/,
    /^(?:(?:base|api)[-_]?)?(?:url|base|endpoint)$/i,
    () => 'write "network_config": { "base_url": "https://…" }',
  ],
  [/^providers\.[^.]+\.keys\.\d+$/, /^(?:(?:api[-_]?)?(?:key|token)|secret|val)$/i, () => 'did you mean "value"?'],
  [
    /^admin$/,
    /^(?:admin_?)?(?:user(?:name)?|password)$/i,
    () => 'write "auth_config": { "admin_username": "…", "admin_password": "env.NAME" } beside "providers"',
  ],
]

/** For a name that no setting has. `path` leads to what holds it. */
export function nameHint(path: Path, name: string, given: unknown): string | undefined {
  const around = path.join(".")
  if (around === "" && KNOWN_PROVIDERS.includes(name.toLowerCase())) return `write "providers": { "${name}": { … } }`
  return NAMES.find(([place, names]) => place.test(around) && names.test(name))?.[2](path, given)
}

/** For a value of the wrong kind. `expected` is the schema's word for the right one. */
export function shapeHint(path: Path, expected: string, given: unknown): string | undefined {
  const around = path.join(".")
  if (expected === "number" || expected === "int") return durationHint(String(path.at(-1)), given)
  if (around === "admin" && typeof given === "string") return 'write { "token": "env.GANTRY_ADMIN_TOKEN" }'
  if (around === "providers" && Array.isArray(given)) return 'write { "<name>": { … } }: each provider under its name'
  if (/^providers\.[^.]+$/.test(around)) {
    if (typeof given === "string") return `write { "keys": [${keyObject(path, given)}] }`
    return typeof given === "boolean" ? `write {${given ? "" : ' "enabled": false '}}` : undefined
  }
  if (/^providers\.[^.]+\.keys$/.test(around)) {
    if (typeof given === "string") return `write [${keyObject(path, given)}]`
    return typeof given === "object" && given !== null ? "put it into square brackets" : undefined
  }
  if (/^providers\.[^.]+\.keys\.\d+$/.test(around) && typeof given === "string") return `write ${keyObject(path, given)}`
  return undefined
}

/** A text such as `30s` where a number of seconds or milliseconds is expected. */
function durationHint(name: string, given: unknown): string | undefined {
  if (typeof given !== "string" || !DURATION.test(given)) return undefined
  const ms = parseDuration(given)
  if (ms === undefined) return undefined
  if (/seconds$/.test(name)) return `write ${ms / 1000}: it counts seconds, without a unit`
  return /_ms$/.test(name) ? `write ${ms}: it counts milliseconds, without a unit` : undefined
}

/** A key as it is written here; a reference that was written already stays. */
function keyObject(path: Path, given: unknown): string {
  const reference = typeof given === "string" && /^env\.[A-Za-z_]\w*$/.test(given) ? given : `env.${customary(path)}`
  return `{ "value": "${reference}" }`
}

const customary = ([, provider]: Path): string => `${String(provider).toUpperCase().replaceAll(/\W/g, "_")}_API_KEY`

const typeWord = (given: unknown): string => (typeof given === "string" && /^[a-z][a-z-]{0,19}$/.test(given) ? given : "…")
