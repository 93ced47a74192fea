import { constants, Database } from "bun:sqlite"
import { existsSync, statSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { type BunSQLiteDatabase, drizzle } from "drizzle-orm/bun-sqlite"
import { type FileKind, type Shape, shapes } from "./schema.ts"

export interface Opened {
  readonly path: string
  readonly client: Database
  readonly drizzle: BunSQLiteDatabase
  /** Whether so many bytes more take it to its own bound; where it is full and they do not, it is the disk that has no room. */
  isAtBound(more: number): boolean
  /** Moves what the write-ahead log holds into the file, as far as readers allow. */
  checkpoint(): void
  close(): void
}

const busyMs = 1_000
const walBytes = 32 * 1024 * 1024
/** Both spare work where callers give ids in no order: their index is touched all over. */
const walPages = 4_000
const cacheKib = 16 * 1024

/**
 * Opens a file of the log for writing, making it if need be, and brings one of an older version up to date. `maxBytes` is a hard bound: past it,
 * writing fails as on a full disk. A file of a newer version is left as it is.
 */
export function openForWriting(path: string, kind: FileKind, maxBytes: number): Opened {
  refuseNewer(path, kind)
  const client = new Database(path, { create: true, readwrite: true })
  try {
    client.run(`PRAGMA busy_timeout = ${busyMs}`)
    client.run("PRAGMA journal_mode = WAL")
    client.run("PRAGMA synchronous = NORMAL")
    client.run(`PRAGMA journal_size_limit = ${walBytes}`)
    client.run(`PRAGMA wal_autocheckpoint = ${walPages}`)
    client.run(`PRAGMA cache_size = -${cacheKib}`)
    bringUpToDate(client, path, shapes[kind])
    client.run(`PRAGMA max_page_count = ${Math.max(16, Math.floor(maxBytes / pageSizeOf(client)))}`)
    return opened(path, client)
  } catch (problem) {
    client.close()
    throw problem
  }
}

/** Before a connection that can write has touched it. Whatever else is wrong with the file comes to light when it is opened. */
function refuseNewer(path: string, kind: FileKind): void {
  try {
    openForReading(path, kind)?.close()
  } catch (problem) {
    if (problem instanceof NewerFile) throw problem
  }
}

/** In one transaction: another process may be about to do the same. */
function bringUpToDate(client: Database, path: string, shape: Shape): void {
  if (versionOf(client) === shape.version) return
  const change = client.transaction(() => {
    let version = versionOf(client)
    if (version === 0) client.run(shape.tables)
    for (; version !== 0 && version !== shape.version; version++) run(client, stepFrom(version, path, shape).write)
    client.run(`PRAGMA user_version = ${shape.version}`)
  })
  change.immediate()
}

/**
 * Undefined when there is no such file, or one that is still being made. One of an older version is seen as if it were of the newest, and one in a
 * folder in which nothing can be written as it is in the file.
 */
export function openForReading(path: string, kind: FileKind): Opened | undefined {
  try {
    return openedWith(path, kind, () => new Database(path, { readonly: true }))
  } catch (problem) {
    const isClosed = !statSync(`${path}-wal`, { throwIfNoEntry: false })?.size
    if (!isClosed || !/^SQLITE_(CANTOPEN|READONLY)/.test(codeOf(problem) ?? "")) throw problem
    const unchanging = `${pathToFileURL(path).href}?immutable=1`
    return openedWith(path, kind, () => new Database(unchanging, constants.SQLITE_OPEN_READONLY | constants.SQLITE_OPEN_URI))
  }
}

function openedWith(path: string, kind: FileKind, open: () => Database): Opened | undefined {
  const client = openedOrGone(path, open)
  if (!client) return undefined
  try {
    client.run(`PRAGMA busy_timeout = ${busyMs / 2}`)
    const shape = shapes[kind]
    const version = versionOf(client)
    if (version !== 0) {
      if (version !== shape.version) run(client, stepFrom(version, path, shape).read)
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
function openedOrGone(path: string, open: () => Database): Database | undefined {
  try {
    return existsSync(path) ? open() : undefined
  } catch (problem) {
    if (!existsSync(path)) return undefined
    throw problem
  }
}

/** A database that is damaged, or that a version of the gateway made which is too old. */
export class UnusableFile extends Error {
  readonly code: string = "SQLITE_NOTADB"
}

/** A database that a newer version of the gateway made, and perhaps still writes. */
export class NewerFile extends UnusableFile {}

function stepFrom(version: number, path: string, { version: newest, steps }: Shape): Shape["steps"][number] {
  const step = steps[version]
  if (step) return step
  const made = `${path} was written by ${version > newest ? "a newer" : "an older"} version of the gateway (as version ${version}, not ${newest})`
  throw version > newest ? new NewerFile(made) : new UnusableFile(made)
}

function run(client: Database, statements: string): void {
  if (statements !== "") client.run(statements)
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

/** One file cannot be read, whatever the reason, and others may well be; a lock is none, since it ends soon. */
export const isUnreadable = (problem: unknown): boolean =>
  isUnusable(problem) || /^(SQLITE_(CANTOPEN|IOERR|PERM|AUTH|READONLY)|EACCES|EPERM|EIO)/.test(codeOf(problem) ?? "")

/** There is no room: on the disk, within a quota, or below the bound of the file. */
export const isFull = (code: string | undefined): boolean => /^(SQLITE_FULL|ENOSPC|EDQUOT|EFBIG)/.test(code ?? "")
/** The id of a block is one that the file has already: another process writes it too. */
export const isTaken = (code: string | undefined): boolean => code === "SQLITE_CONSTRAINT_PRIMARYKEY"
/** Trouble that can end by itself. */
export const isPassing = (code: string | undefined): boolean =>
  /^(SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|PERM|AUTH|NOMEM|PROTOCOL|INTERRUPT)|E[A-Z0-9]+$)/.test(code ?? "")

function opened(path: string, client: Database): Opened {
  const finalize = trackStatements(client)
  return {
    path,
    client,
    drizzle: drizzle({ client }),
    isAtBound: (more) => pragma(client, "page_count") + more / pageSizeOf(client) >= pragma(client, "max_page_count"),
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
