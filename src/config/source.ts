import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { inTurn } from "../lib/in-turn.ts"
import { detectConfig, probeUrl } from "./detect.ts"
import type { Environment, ProviderFacts } from "./facts.ts"
import { readLastGood, writeLastGood } from "./last-good.ts"
import { type ParseContext, parseConfig } from "./load.ts"
import type { Problem } from "./problem.ts"
import { problemLine } from "./render-problems.ts"
import type { Config } from "./types.ts"
import { unreadableFile } from "./unreadable-file.ts"
import { type WatchOptions, watchFile } from "./watch.ts"

/** Where the configuration in force came from. */
export type SourceState = "file" | "detected" | "last-good"

export interface Snapshot {
  /** Counts up from 1 with every configuration that takes effect. */
  readonly version: number
  /** Of the text it was read from: 12 hexadecimal digits. */
  readonly hash: string
  readonly state: SourceState
  readonly config: Config
  readonly warnings: readonly Problem[]
  /** Milliseconds since 1970. */
  readonly loadedAt: number
}

export type ConfigChange =
  | { readonly kind: "applied"; readonly snapshot: Snapshot }
  /** The file is not good; the configuration in force stays. */
  | { readonly kind: "rejected"; readonly problems: readonly Problem[] }
  | { readonly kind: "unchanged" }

/** What is worth telling; `mended` when a file that was not good says again what is in force. */
export type ConfigNews = Exclude<ConfigChange, { kind: "unchanged" }> | { readonly kind: "mended" }

export interface SourceOptions {
  /** The file asked for. Without it, `config.json` in `dir` if it is there. */
  readonly file?: string | undefined
  /** Where `last-good.json` is kept. */
  readonly dir: string
  readonly env: Environment
  /** Refuse to start on a bad file, and a file whose keys want variables that are not set. */
  readonly strict?: boolean
  readonly facts: readonly ProviderFacts[]
  readonly onChange: (news: ConfigNews) => void
  readonly probe?: (url: string) => Promise<boolean>
  /** false: changes take effect only through `reload`. */
  readonly watch?: WatchOptions | false
  readonly now?: () => number
}

export interface ConfigSource {
  current(): Snapshot
  /** What is wrong with the file as it is now, while an older configuration is in force; empty when all is well. */
  problems(): readonly Problem[]
  state(): SourceState
  /** The file that is read and watched. */
  readonly file: string
  /** Reads the file again. Readings never overlap. */
  reload(): Promise<ConfigChange>
  /**
   * Keeps a copy of the configuration in force, for a start on a bad file, and gives the warning of a copy that could not be kept, which
   * also joins those of the snapshot. What comes into force later is kept by itself; of the first one it is the caller's to ask, who need
   * not wait for a slow disk. Never rejects.
   */
  keep(): Promise<readonly Problem[]>
  stop(): void
}

/** There is no configuration to start on. */
export class ConfigRejected extends Error {
  override readonly name = "ConfigRejected"
  readonly problems: readonly Problem[]

  constructor(file: string, problems: readonly Problem[]) {
    super([`${file} cannot be used`, ...problems.filter((problem) => problem.severity === "error").map(problemLine)].join("\n"))
    this.problems = problems
  }
}

type Reading =
  | {
      readonly ok: true
      readonly state: SourceState
      readonly text: string
      readonly config: Config
      readonly warnings: readonly Problem[]
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * Finds and reads the configuration and keeps it up to date. A bad file never takes a good configuration out of force: while
 * running the one in force stays, at the start the last good copy of the same file is used. Throws `ConfigRejected` if there
 * is none, or if `strict` is set.
 */
export async function openConfig(options: SourceOptions): Promise<ConfigSource> {
  const file = resolve(options.file ?? join(options.dir, "config.json"))
  const now = options.now ?? Date.now
  const first = await readConfig(file, options)
  let problems: readonly Problem[] = first.ok ? [] : first.problems
  const start = first.ok ? first : await readKept(file, problems, options)
  let snapshot: Snapshot = { ...described(start, now()), version: 1, warnings: start.warnings }
  let latest = start
  let stopped = false

  const told = <News extends ConfigNews>(news: News): News => {
    options.onChange(news)
    return news
  }
  const refresh = async (): Promise<ConfigChange> => {
    if (stopped) return { kind: "unchanged" }
    const reading = gone(await readConfig(file, options, latest), file, snapshot.state)
    if (stopped) return { kind: "unchanged" }
    if (!reading.ok) {
      const known = Bun.deepEquals(problems, reading.problems)
      problems = reading.problems
      return known ? { kind: "unchanged" } : told({ kind: "rejected", problems })
    }
    const mended = problems.length > 0
    problems = []
    latest = reading
    const next = described(reading, now())
    const same = next.hash === snapshot.hash && next.state === snapshot.state
    if (same && mended) told({ kind: "mended" })
    if (same) return { kind: "unchanged" }
    snapshot = {
      ...next,
      version: snapshot.version + 1,
      warnings: [...reading.warnings, ...(await keepCopy(reading, file, options.dir))],
    }
    return told({ kind: "applied", snapshot })
  }

  const takeTurn = inTurn()
  const reload = () => takeTurn(refresh)
  const keep = () =>
    takeTurn(async () => {
      const warnings = await keepCopy(latest, file, options.dir)
      if (warnings.length > 0) snapshot = { ...snapshot, warnings: [...snapshot.warnings, ...warnings] }
      return warnings
    })
  const watching = options.watch === false ? undefined : watchFile(file, async () => void (await reload()), options.watch ?? {})
  return {
    file,
    current: () => snapshot,
    problems: () => problems,
    state: () => snapshot.state,
    reload,
    keep,
    stop() {
      stopped = true
      watching?.stop()
    },
  }
}

/** A file that was there at the start and is moved away, as some editors and deployments do for a moment, takes nothing with it. */
function gone(reading: Reading, file: string, state: SourceState): Reading {
  if (!reading.ok || reading.state !== "detected" || state === "detected") return reading
  return { ok: false, problems: [{ severity: "error", path: "", file, message: "the file is gone" }] }
}

/** What a file says is not worked out again while its text is that of the latest good reading. */
async function readConfig(file: string, options: SourceOptions, latest?: Reading & { ok: true }): Promise<Reading> {
  const read = await readText(file)
  if ("text" in read) {
    if (latest?.state === "file" && latest.text === read.text) return latest
    const result = parseConfig(read.text, { ...contextOf(options), file })
    return result.ok ? { ...result, state: "file", text: read.text } : result
  }
  if (options.file === undefined && read.code === "ENOENT") {
    const { text, result } = await detectConfig({ env: options.env, providers: options.facts, probe: options.probe ?? probeUrl })
    return result.ok ? { ...result, state: "detected", text } : result
  }
  return { ok: false, problems: [{ severity: "error", path: "", file, message: unreadableFile(read.code) }] }
}

const contextOf = ({ env, facts, strict }: SourceOptions): ParseContext => ({
  env,
  providers: facts,
  unsetKeys: strict === true ? "refuse" : "leave-out",
})

async function readText(file: string): Promise<{ text: string } | { code: string }> {
  try {
    return { text: await readFile(file, "utf8") }
  } catch (error) {
    return { code: (error as { code?: string }).code ?? "unknown" }
  }
}

async function readKept(file: string, problems: readonly Problem[], options: SourceOptions): Promise<Reading & { ok: true }> {
  const text = options.strict === true ? undefined : await readLastGood(options.dir, file)
  if (text === undefined) throw new ConfigRejected(file, problems)
  const result = parseConfig(text, contextOf(options))
  if (!result.ok) throw new ConfigRejected(file, problems)
  return { ...result, state: "last-good", text }
}

/** Keeps a good file's text. That this fails (a read-only disk) is worth a warning and nothing more. */
async function keepCopy(reading: Reading & { ok: true }, file: string, dir: string): Promise<Problem[]> {
  if (reading.state !== "file") return []
  if ((await readLastGood(dir, file)) === reading.text) return []
  try {
    await writeLastGood(dir, file, reading.text)
    return []
  } catch (error) {
    const code = (error as { code?: string }).code ?? "unknown"
    return [
      {
        severity: "warning",
        path: "",
        message: `no copy of this configuration could be kept (${code})`,
        hint: `make ${dir} writable`,
      },
    ]
  }
}

function described(reading: Reading & { ok: true }, now: number): Omit<Snapshot, "version" | "warnings"> {
  const hash = createHash("sha256").update(reading.text).digest("hex").slice(0, 12)
  return { hash, state: reading.state, config: reading.config, loadedAt: now }
}
