import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { LogHealth, LogStore } from "../../../src/core/record.ts"
import { type SqliteLogOptions, type SqliteLogStore, sqliteLogStore } from "../../../src/store/sqlite/log-store.ts"

export interface Folder {
  readonly path: string
  open(options?: Partial<SqliteLogOptions>): SqliteLogStore
  /** Stops the stores that were opened here and removes the folder. */
  close(): Promise<void>
}

/** A folder of its own for a test's log. */
export function temporaryLog(): Folder {
  const root = mkdtempSync(join(tmpdir(), "gantry-log-"))
  const path = join(root, "logs")
  const stores: SqliteLogStore[] = []
  return {
    path,
    open(options = {}) {
      const store = sqliteLogStore({ directory: path, flushMs: 20, retentionDays: 36_500, ...options })
      stores.push(store)
      return store
    },
    async close() {
      await Promise.all(stores.map((store) => store.stop(5_000)))
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** The health of a log once it is as wanted. */
export async function until(store: LogStore, accept: (health: LogHealth) => boolean): Promise<LogHealth> {
  while (!accept(store.health())) await new Promise((resume) => setTimeout(resume, 5))
  return store.health()
}

/** 80,000 characters that hardly compress. */
export const noise = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString("base64")
