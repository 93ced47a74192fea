import { existsSync } from "node:fs"
import { mkdir, rename, rm, writeFile } from "node:fs/promises"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { CannotRun } from "./case.ts"

const cache = process.env.GANTRY_OUTSIDE_CACHE ?? join(homedir(), ".cache", "gantry-outside")
const installDeadlineMs = 5 * 60_000

/** A program from the npm registry in one exact version, kept outside the tree. Returns the folder it is installed in. */
export async function installed(name: string, version: string): Promise<string> {
  const folder = join(cache, `${name.replace(/^@/, "").replaceAll("/", "-")}-${version}`)
  if (existsSync(folder)) return folder
  const draft = `${folder}.${process.pid}`
  await mkdir(dirname(draft), { recursive: true })
  await mkdir(draft)
  try {
    await writeFile(join(draft, "package.json"), '{ "private": true }\n')
    const child = Bun.spawn([process.execPath, "add", "--exact", "--no-progress", `${name}@${version}`], {
      cwd: draft,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
      timeout: installDeadlineMs,
    })
    const [complaint, code] = await Promise.all([new Response(child.stderr).text(), child.exited])
    if (code !== 0) throw new CannotRun(`${name}@${version} cannot be installed: ${complaint.trim().split("\n").at(-1)}`)
    await rename(draft, folder)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return folder
}
