import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { UnsetKeys } from "../config/compile/references.ts"
import { detectConfig, probeUrl } from "../config/detect.ts"
import type { Environment, ProviderFacts } from "../config/facts.ts"
import { type ParseResult, parseConfig } from "../config/load.ts"
import { unreadableFile } from "../config/unreadable-file.ts"

export interface Reading {
  readonly file: string
  /** There is no file and none was asked for, so this is what would be found without one. */
  readonly detected: boolean
  readonly result: ParseResult
}

export interface ReadOptions {
  readonly dir: string
  readonly file: string | undefined
  readonly env: Environment
  readonly facts: readonly ProviderFacts[]
  readonly unsetKeys: UnsetKeys
}

/** Reads the configuration that a start would read, and leaves everything as it is. */
export async function readConfiguration({ dir, file: asked, env, facts, unsetKeys }: ReadOptions): Promise<Reading> {
  const file = asked ?? join(dir, "config.json")
  try {
    const text = await readFile(file, "utf8")
    return { file, detected: false, result: parseConfig(text, { env, file, providers: facts, unsetKeys }) }
  } catch (error) {
    const code = (error as { code?: string }).code ?? "unknown"
    if (asked === undefined && code === "ENOENT") {
      const { result } = await detectConfig({ env, providers: facts, probe: probeUrl })
      return { file, detected: true, result }
    }
    const problem = { severity: "error", path: "", file, message: unreadableFile(code) } as const
    return { file, detected: false, result: { ok: false, problems: [problem] } }
  }
}
