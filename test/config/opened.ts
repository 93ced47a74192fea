import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type ConfigNews, type ConfigSource, openConfig, type SourceOptions } from "../../src/config/source.ts"
import { ENV, FACTS } from "./facts.ts"

const cleanups: (() => unknown)[] = []

/** Ends what the other functions have begun; after each test. */
export async function endAll(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
}

/** An empty folder. */
export async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "gantry-config-"))
  cleanups.push(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** A source with the changes it tells of, in order; what it begins with is kept. */
export async function open(options: Partial<SourceOptions> & { dir: string }) {
  const waiting: ((change: ConfigNews) => void)[] = []
  const arrived: ConfigNews[] = []
  const onChange = (change: ConfigNews) => {
    const next = waiting.shift()
    if (next === undefined) arrived.push(change)
    else next(change)
  }
  const source: ConfigSource = await openConfig({
    env: ENV,
    facts: FACTS,
    probe: async () => false,
    watch: false,
    onChange,
    ...options,
  })
  cleanups.push(() => source.stop())
  await source.keep()
  const next = () =>
    new Promise<ConfigNews>((resolve) => {
      const first = arrived.shift()
      if (first === undefined) waiting.push(resolve)
      else resolve(first)
    })
  return { source, next }
}

/** A file that is good, and told apart by its label. */
export const good = (level: string) =>
  `{\n  // ${level}\n  "env_label": "${level}", "providers": { "openai": { "keys": [{ "value": "env.OPENAI_API_KEY" }] } }\n}\n`
export const BAD = `{ "env_labl": "x" }`
