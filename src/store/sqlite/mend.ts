import { existsSync, readdirSync, renameSync, rmSync } from "node:fs"
import { basename, dirname } from "node:path"
import { isUnusable, NewerFile, openForWriting, UnusableFile, worded } from "./database.ts"
import { beside } from "./own-file.ts"
import type { FileKind } from "./schema.ts"

/** Files of one name that are kept aside; what damages more of them would fill the disk. */
const mostAside = 8

/**
 * Makes way for what could not be written into a file because the file cannot be used: it is moved aside, or, if it is one of a newer version, left
 * as it is, and another is begun beside it. Returns what there is to say of it; undefined when it cannot be helped. Throws what the system says.
 */
export function mend(path: string, kind: FileKind, problem: unknown, maxBytes: number): string | undefined {
  if (problem instanceof NewerFile) return beginBeside(path, kind, problem, maxBytes)
  return isUnusable(problem) ? setAside(path, problem) : undefined
}

function beginBeside(path: string, kind: FileKind, { message }: NewerFile, maxBytes: number): string {
  const own = beside(path, kind)
  openForWriting(own, kind, maxBytes).close()
  return `${message}; it is left as it is, and what this version writes goes into ${basename(own)}`
}

/** Retention deletes it with its day. */
function setAside(path: string, problem: unknown): string | undefined {
  if (copiesOf(path) >= mostAside) return undefined
  let kept: string
  for (let at = Date.now(); ; at++) {
    kept = `${path}.unusable-${at}`
    if (!existsSync(kept)) break
  }
  renameSync(path, kept)
  // What the file's last writer had not moved into it is of use only beside it.
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${kept}-wal`)
  rmSync(`${path}-shm`, { force: true })
  const reason = problem instanceof UnusableFile ? problem.message : `${path} cannot be used (${worded(problem)})`
  return `${reason}; it is kept as ${basename(kept)}, and a new one is begun`
}

function copiesOf(path: string): number {
  const start = `${basename(path)}.unusable-`
  return readdirSync(dirname(path)).filter((name) => name.startsWith(start) && !name.endsWith("-wal")).length
}
