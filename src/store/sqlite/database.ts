import { Database } from "bun:sqlite"
import { existsSync, renameSync, rmSync } from "node:fs"
import { basename } from "node:path"
import { type BunSQLiteDatabase, drizzle } from "drizzle-orm/bun-sqlite"
import { type FileKind, schemaVersion, tablesOf } from "./schema.ts"

export interface Opened {
  readonly path: string
  readonly client: Database
  readonly drizzle: BunSQLiteDatabase
  /** Moves what the write-ahead log holds into the file, as far as readers allow. */
  checkpoint(): void
  close(): void
}

const busyMs = 1_000
const walBytes = 32 * 1024 * 1024
/** Both spare work where callers give ids in no order: their index is touched all over. */
const walPages = 4_000
const cacheKib = 16 * 1024

/** Opens a file of the log for writing, making it if need be. `maxBytes` is a hard bound: past it, writing fails as on a full disk. */
export function openForWriting(path: string, kind: FileKind, maxBytes: number): Opened {
  const client = new Database(path, { create: true, readwrite: true })
  try {
    client.run(`PRAGMA busy_timeout = ${busyMs}`)
    client.run("PRAGMA journal_mode = WAL")
    client.run("PRAGMA synchronous = NORMAL")
    client.run(`PRAGMA journal_size_limit = ${walBytes}`)
    client.run(`PRAGMA wal_autocheckpoint = ${walPages}`)
    client.run(`PRAGMA cache_size = -${cacheKib}`)
    const version = versionOf(client)
    if (version !== 0) checkVersion(path, version)
    else client.run(`${tablesOf[kind]} PRAGMA user_version = ${schemaVersion};`)
    client.run(`PRAGMA max_page_count = ${Math.max(16, Math.floor(maxBytes / pageSizeOf(client)))}`)
    return opened(path, client)
  } catch (problem) {
    client.close()
    throw problem
  }
}

/** Undefined when there is no such file, or one that is still being made. */
export function openForReading(path: string): Opened | undefined {
  const client = openedOrGone(path)
  if (!client) return undefined
  try {
    client.run(`PRAGMA busy_timeout = ${busyMs / 2}`)
    const version = versionOf(client)
    if (version !== 0) {
      checkVersion(path, version)
      return opened(path, client)
    }
  } catch (problem) {
    client.close()
    throw problem
  }
  client.close()
  return undefined
}

/** Retention may delete a file at any moment. */
function openedOrGone(path: string): Database | undefined {
  try {
    return existsSync(path) ? new Database(path, { readonly: true }) : undefined
  } catch (problem) {
    if (!existsSync(path)) return undefined
    throw problem
  }
}

/** Moves a file that cannot be used out of the way, so that the next try makes a new one; retention deletes it with its day. Returns what there is to say of it. */
export function setAside(path: string, problem: unknown, now: number): UnusableFile {
  const kept = `${path}.unusable-${now}`
  renameSync(path, kept)
  for (const beside of ["-wal", "-shm"]) rmSync(path + beside, { force: true })
  const reason = problem instanceof UnusableFile ? problem.message : `${path} cannot be used (${worded(problem)})`
  return new UnusableFile(`${reason}; it is kept as ${basename(kept)}, and a new one is begun`)
}

/** A database that is damaged, or that another version of the gateway made. */
class UnusableFile extends Error {
  readonly code = "SQLITE_NOTADB"
}

function checkVersion(path: string, version: number): void {
  if (version === schemaVersion) return
  throw new UnusableFile(`${path} was written by another version of the gateway (as version ${version}, not ${schemaVersion})`)
}

/** What went wrong, for people. */
export const worded = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem))

/** SQLite's or the system's name for what went wrong, such as `SQLITE_BUSY` or `ENOSPC`. */
export function codeOf(problem: unknown): string | undefined {
  if (typeof problem !== "object" || problem === null) return undefined
  if ("code" in problem && typeof problem.code === "string") return problem.code
  return "cause" in problem ? codeOf(problem.cause) : undefined
}

/** The file is damaged, is no database, or has not our tables. */
export function isUnusable(problem: unknown): boolean {
  const code = codeOf(problem) ?? ""
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return true
  return code === "SQLITE_ERROR" && problem instanceof Error && /no such (table|column)|no column named/.test(problem.message)
}

/** There is no room: on the disk, within a quota, or below the bound of the file. */
export const isFull = (code: string | undefined): boolean => /^(SQLITE_FULL|ENOSPC|EDQUOT|EFBIG)/.test(code ?? "")
/** Trouble that can end by itself. */
export const isPassing = (code: string | undefined): boolean =>
  /^(SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|PERM|AUTH|NOMEM|PROTOCOL|INTERRUPT)|E[A-Z0-9]+$)/.test(code ?? "")

function opened(path: string, client: Database): Opened {
  const finalize = trackStatements(client)
  return {
    path,
    client,
    drizzle: drizzle({ client }),
    checkpoint() {
      client.run("PRAGMA wal_checkpoint(TRUNCATE)")
    },
    close() {
      finalize()
      client.close()
    },
  }
}

/** A connection with a statement left keeps its file open, and a deleted file its disk space, until the next garbage collection. */
function trackStatements(client: Database): () => void {
  const statements: { finalize(): void }[] = []
  const prepare = client.prepare.bind(client)
  client.prepare = ((...parameters: Parameters<typeof prepare>) => {
    const statement = prepare(...parameters)
    statements.push(statement)
    return statement
  }) as typeof client.prepare
  return () => {
    for (const statement of statements.splice(0)) statement.finalize()
  }
}

const versionOf = (client: Database): number => pragma(client, "user_version")
const pageSizeOf = (client: Database): number => pragma(client, "page_size")

function pragma(client: Database, name: string): number {
  const row = client.query(`PRAGMA ${name}`).values()[0]
  return typeof row?.[0] === "number" ? row[0] : 0
}
