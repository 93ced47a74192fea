import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { parseJunit } from "./junit.ts"
import type { ShardResult } from "./verdict.ts"

export interface ShardOptions {
  /** Test files, relative to `cwd`. */
  readonly files: readonly string[]
  readonly cwd: string
  /** An existing folder for the report. */
  readonly folder: string
  readonly name: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Keep the tests' output to ourselves. */
  readonly quiet?: true
  /** Milliseconds for a test that names no timeout of its own. */
  readonly testTimeout: number
  /** Milliseconds for the whole process. */
  readonly deadline: number
}

const summaryLength = 4096
const escapeCodes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g")

/** Runs `bun test` over the files in a child process, passing its output on. */
export async function runShard(options: ShardOptions): Promise<ShardResult> {
  const report = join(options.folder, `${options.name}.xml`)
  const child = Bun.spawn(
    [
      process.execPath,
      "test",
      "--no-orphans",
      `--timeout=${options.testTimeout}`,
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...options.files.map((file) => `./${file}`),
    ],
    {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdin: "ignore",
      stdout: options.quiet ? "ignore" : "inherit",
      stderr: "pipe",
    },
  )
  const timer = setTimeout(() => child.kill("SIGKILL"), options.deadline)
  const tail = await passOn(child.stderr, options.quiet)
  const exitCode = await child.exited
  clearTimeout(timer)
  const xml = await readFile(report, "utf8").catch(() => "")
  return { cases: parseJunit(xml), reported: failuresIn(tail), exitCode }
}

async function passOn(stream: ReadableStream<Uint8Array>, quiet?: true): Promise<string> {
  const decoder = new TextDecoder()
  let tail = ""
  for await (const bytes of stream) {
    if (!quiet) process.stderr.write(bytes)
    tail = (tail + decoder.decode(bytes, { stream: true })).slice(-summaryLength)
  }
  return tail
}

/** The failure count in the summary that bun prints last. */
function failuresIn(tail: string): number {
  const counts = [...tail.replace(escapeCodes, "").matchAll(/^\s*(\d+) fail$/gm)]
  return Number(counts.at(-1)?.[1] ?? 0)
}
