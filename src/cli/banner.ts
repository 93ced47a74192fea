import type { Snapshot } from "../config/source.ts"
import type { ProviderConfig } from "../config/types.ts"
import type { ProviderEntry } from "../core/registry.ts"
import { isLoopback } from "./address.ts"
import { labelled, rowsOf } from "./labelled.ts"
import type { Guard } from "./next-steps.ts"
import { painter } from "./terminal.ts"

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

/** What a start prints: where it listens, on what configuration, what is worth knowing. */
export function banner(facts: BannerFacts, colour: boolean): string {
  const paint = painter(colour)
  const { version, url, snapshot } = facts
  const rows: readonly (readonly [label: string, text: string])[] = [
    ["config", configText(facts)],
    ["providers", providersText(snapshot.config.providers)],
    ["folder", `${facts.dir}${snapshot.config.client.logging.enabled ? "" : " (the log is off)"}`],
    ...(facts.madeToken === undefined ? [] : tokenRows(facts.madeToken)),
  ]
  const room = screenRows - stepRows - 3 - rows.reduce((sum, [, text]) => sum + rowsOf(text), 0)
  return [
    `${paint("bold", `Gantry ${version}`)}  listening on ${paint("cyan", url)}`,
    "",
    ...rows.map(([label, text]) => labelled(paint, "dim", label, text)),
    ...fitting(warningsOf(facts), room, facts.file).map((warning) => labelled(paint, "yellow", "warning", warning)),
    "",
  ].join("\n")
}

/** A screen has 24 rows of 80 columns at least. Of these the next steps take so many, and the line after them one. */
const screenRows = 24
const stepRows = 12

const tokenRows = (token: string): readonly (readonly [string, string])[] => [
  ["admin token", token],
  ["", "made for this start; admin.token in the file sets one that stays"],
  ["", "the page asks for it once; programs send it as a Bearer token"],
]

function configText({ snapshot, file, providers }: BannerFacts): string {
  switch (snapshot.state) {
    case "file":
      return file
    case "last-good":
      return `the last good copy of ${file}`
    case "detected": {
      const found = snapshot.config.providers.flatMap((provider) => foundBy(provider, providers))
      return found.length === 0 ? "no file, no key, no local server; a mock answers" : `no file: found ${found.join(", ")}`
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

function warningsOf({ snapshot, open, file, guard, warnings }: BannerFacts): readonly string[] {
  return [
    ...(snapshot.state === "last-good" ? [`${file} cannot be used; to see why: gantry validate --config ${file}`] : []),
    ...(open && !snapshot.config.client.enforceAuthOnInference ? ["anybody who reaches this address can call your models"] : []),
    ...(guard === "nothing opens"
      ? ["client.enforce_auth_on_inference is set and admin.token is not, so every call to a model is refused"]
      : []),
    ...warnings,
  ]
}

/** As many warnings as there is room for, in rows of the screen, but the first in any case; then where the others are. */
function fitting(warnings: readonly string[], room: number, file: string): readonly string[] {
  const all = warnings.reduce((sum, warning) => sum + rowsOf(warning), 0)
  if (all <= room) return warnings
  const moreText = (count: number) => `and ${count} more; to see them: gantry validate --config ${file}`
  let shown = 1
  let left = room - rowsOf(warnings[0] ?? "") - rowsOf(moreText(warnings.length))
  for (const warning of warnings.slice(1)) {
    left -= rowsOf(warning)
    if (left < 0) break
    shown += 1
  }
  return shown === warnings.length ? warnings : [...warnings.slice(0, shown), moreText(warnings.length - shown)]
}
