import { join } from "node:path"

/** Held by the system for as long as the process lives, however it ends: a lock left behind by a dead gateway is none. */
export interface FolderLock {
  release(): void
}

/**
 * Takes a folder for this gateway alone. "taken" when another one has it; undefined where there is no way to tell, as on some
 * network file systems.
 */
export async function lockFolder(dir: string): Promise<FolderLock | "taken" | undefined> {
  const { Database } = await import("bun:sqlite")
  let database: InstanceType<typeof Database> | undefined
  try {
    database = new Database(join(dir, "gantry.lock"), { create: true, readwrite: true })
    // nothing is ever written: the lock on the file is all that is wanted
    database.run("BEGIN EXCLUSIVE")
    const held = database
    return { release: () => held.close() }
  } catch (error) {
    database?.close()
    return (error as { code?: unknown }).code === "SQLITE_BUSY" ? "taken" : undefined
  }
}
