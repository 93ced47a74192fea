import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { tempFolder } from "../support/temp.ts"
import { check } from "./case.ts"

export interface Program {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Other than 0 alone. */
  readonly exitCodes?: readonly number[]
}

const runDeadlineMs = 120_000

/** Every way out of this machine leads to a port where nobody listens. */
const noInternet = {
  HTTP_PROXY: "http://127.0.0.1:9",
  HTTPS_PROXY: "http://127.0.0.1:9",
  ALL_PROXY: "http://127.0.0.1:9",
  NO_PROXY: "127.0.0.1,localhost",
}

/** Runs a program to its end in a home and a work folder of its own, and returns what it wrote to standard output. */
export async function output({ command, env, exitCodes = [0] }: Program): Promise<string> {
  await using folder = await tempFolder()
  const [home, work] = [join(folder.path, "home"), join(folder.path, "work")]
  await Promise.all([mkdir(home), mkdir(work)])
  const child = Bun.spawn([...command], {
    cwd: work,
    env: { PATH: process.env.PATH ?? "", TMPDIR: folder.path, HOME: home, ...noInternet, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: runDeadlineMs,
    killSignal: "SIGKILL",
  })
  const [said, complaint, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  check(exitCodes.includes(code), `ended with code ${code}: ${`${said}\n${complaint}`.trim().slice(-1_500)}`)
  return said
}
