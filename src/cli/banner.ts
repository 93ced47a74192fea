import type { Snapshot } from "../config/source.ts"
import type { ProviderConfig } from "../config/types.ts"
import type { ProviderEntry } from "../core/registry.ts"
import { clientLines } from "../dialects/agents.ts"
import { isLoopback } from "./address.ts"
import { type Paint, painter } from "./terminal.ts"

export interface BannerFacts {
  readonly version: string
  readonly url: string
  readonly snapshot: Snapshot
  /** The file that is read and watched, whether it is there or not. */
  readonly file: string
  readonly dir: string
  /** By id. */
  readonly providers: ReadonlyMap<string, Pick<ProviderEntry, "label" | "standIn">>
  readonly madeToken?: string | undefined
  /** Anybody who reaches the port may call models. */
  readonly open: boolean
  readonly guard?: Guard | undefined
  readonly warnings: readonly string[]
}

/** The credential that calls to models need where `client.enforce_auth_on_inference` is set; there may be none that would do. */
export type Guard = "token" | "password" | "nothing opens"

/** What a start prints: where it listens, on what configuration, what is worth knowing. */
export function banner(facts: BannerFacts, colour: boolean): string {
  const paint = painter(colour)
  const { version, url, snapshot } = facts
  return [
    `${paint("bold", `Gantry ${version}`)}  listening on ${paint("cyan", url)}`,
    "",
    row(paint, "config", configText(facts)),
    row(paint, "providers", providersText(snapshot.config.providers)),
    row(paint, "folder", `${facts.dir}${snapshot.config.client.logging.enabled ? "" : " (the log is off)"}`),
    ...(facts.madeToken === undefined
      ? []
      : [
          row(paint, "admin token", `${facts.madeToken}  (made for this start; set admin.token to choose your own)`),
          row(paint, "", "send it as a Bearer token; the page asks for it once"),
        ]),
    ...warningsOf(facts).map((warning) => `${paint("yellow", "warning".padEnd(labelWidth))}${warning}`),
    "",
  ].join("\n")
}

const labelWidth = 13

const row = (paint: Paint, label: string, text: string): string => `${paint("dim", label.padEnd(labelWidth))}${text}`

function configText({ snapshot, file, providers }: BannerFacts): string {
  switch (snapshot.state) {
    case "file":
      return file
    case "last-good":
      return `the last good copy of ${file}`
    case "detected": {
      const found = snapshot.config.providers.flatMap((provider) => foundBy(provider, providers))
      return found.length === 0
        ? "no file, and neither a key nor a local server was found; a mock answers"
        : `no file: found ${found.join(", ")}`
    }
    default:
      return snapshot.state satisfies never
  }
}

/** What gave a provider away: the variable that holds its key, or that it answers at its usual address. */
function foundBy(provider: ProviderConfig, entries: BannerFacts["providers"]): readonly string[] {
  const entry = entries.get(provider.id)
  if (entry?.standIn === true) return []
  const variables = provider.keys.flatMap((key) => key.value?.origin?.replace(/^env\./, "") ?? [])
  if (variables.length > 0) return variables
  const { baseUrl } = provider.network
  const name = entry?.label ?? provider.id
  return baseUrl !== undefined && isLoopback(new URL(baseUrl).hostname) ? [`${name} at ${baseUrl}`] : []
}

function providersText(providers: readonly ProviderConfig[]): string {
  const enabled = providers.filter((provider) => provider.enabled)
  if (enabled.length === 0) return "none"
  return enabled.map(({ id, keys }) => id + keysNote(keys)).join(", ")
}

function keysNote(keys: ProviderConfig["keys"]): string {
  const used = keys.filter((key) => key.enabled).length
  if (used > 1) return ` (${used} keys)`
  return used === 0 && keys.some((key) => key.unset !== undefined) ? " (no key)" : ""
}

const shownWarnings = 6

function warningsOf(facts: BannerFacts): readonly string[] {
  const { snapshot, open, file } = facts
  const all = [
    ...(snapshot.state === "last-good" ? [`${file} cannot be used; to see why: gantry validate --config ${file}`] : []),
    ...(open && !snapshot.config.client.enforceAuthOnInference ? ["anybody who reaches this address can call your models"] : []),
    ...(facts.guard === "nothing opens"
      ? ["client.enforce_auth_on_inference is set and admin.token is not, so every call to a model is refused"]
      : []),
    ...facts.warnings,
  ]
  if (all.length <= shownWarnings) return all
  return [
    ...all.slice(0, shownWarnings - 1),
    `and ${all.length - shownWarnings + 1} more; to see them: gantry validate --config ${file}`,
  ]
}

export interface Steps {
  readonly url: string
  /** One that a first call can use, as `provider/model`; undefined where none is known. */
  readonly model: string | undefined
  readonly guard?: Guard | undefined
}

/** What to do next. */
export function nextSteps({ url, model, guard }: Steps, colour: boolean): string {
  const paint = painter(colour)
  const at = url.replace(/\/\/(0\.0\.0\.0|\[::\])/, "//localhost")
  const body = `{"model":"${model}","messages":[{"role":"user","content":"Hello"}]}`
  const key = guard === "token" ? `'${tokenText}'` : undefined
  return [
    model === undefined
      ? row(paint, "try", `curl ${at}/v1/models${credentialFlag(guard)}`)
      : row(
          paint,
          "try",
          `curl ${at}/v1/chat/completions${credentialFlag(guard)} -H 'content-type: application/json' -d '${body}'`,
        ),
    ...clientLines(at, model, key).map(({ client, line }) => row(paint, client, line)),
    ...(guard === undefined ? [] : [row(paint, "key", keyText(guard))]),
    row(paint, "page", `${at}/`),
    "",
  ].join("\n")
}

const tokenText = "<admin token>"

/** What the other clients are given for a key. */
function keyText(guard: Guard): string {
  switch (guard) {
    case "token":
      return "the admin token"
    case "password":
      return "none will do: calls need the header authorization: Basic …; set admin.token for clients that take a key"
    case "nothing opens":
      return "none will do before admin.token is set"
    default:
      return guard satisfies never
  }
}

function credentialFlag(guard: Guard | undefined): string {
  switch (guard) {
    case undefined:
      return ""
    case "token":
    case "nothing opens":
      return ` -H 'authorization: Bearer ${tokenText}'`
    case "password":
      return " -u '<name>:<password>'"
    default:
      return guard satisfies never
  }
}
