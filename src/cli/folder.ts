import { constants } from "node:fs"
import { access, mkdir } from "node:fs/promises"

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
