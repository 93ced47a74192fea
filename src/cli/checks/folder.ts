import { constants } from "node:fs"
import { access, stat } from "node:fs/promises"
import { dirname } from "node:path"
import type { Finding } from "./finding.ts"

/** Whether the folder can be written to, or be made. Makes nothing. */
export async function checkFolder(dir: string): Promise<Finding> {
  const subject = "folder"
  const hint = "choose another with --dir, or change its rights; without it no log is kept"
  for (let at = dir; ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined)
    if (found === undefined && dirname(at) !== at) continue
    if (found?.isDirectory() !== true) return { level: "fail", subject, text: `${at} is no folder`, hint }
    const writable = await access(at, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    )
    if (!writable) return { level: "warn", subject, text: `${dir} cannot be written to`, hint }
    return { level: "ok", subject, text: at === dir ? dir : `${dir} (will be made)` }
  }
}
