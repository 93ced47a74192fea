import { constants } from "node:fs"
import { access, mkdir } from "node:fs/promises"
import { homedir } from "node:os"
import { join } from "node:path"
import type { Environment } from "../config/facts.ts"

/** Where the gateway keeps its files when nobody says. */
export function defaultDir(env: Environment): string {
  if (process.platform === "win32") return join(env.APPDATA ?? homedir(), "gantry")
  return join(env.XDG_CONFIG_HOME ?? join(homedir(), ".config"), "gantry")
}

/** Makes a folder if need be; says why it cannot be written to, or nothing when it can. */
export async function whyNotWritable(dir: string): Promise<string | undefined> {
  try {
    await mkdir(dir, { recursive: true })
    await access(dir, constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    return (error as { code?: string }).code ?? "unknown"
  }
}
