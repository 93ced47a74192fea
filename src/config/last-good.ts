import { chmod, mkdir, open, readFile, rename, rm } from "node:fs/promises"
import { join } from "node:path"

export const LAST_GOOD_NAME = "last-good.json"
const HEADING = "// last good copy of "

/**
 * Keeps the text of a configuration that works, as it was written: references to secrets stay references. The first line,
 * a comment, names the file it came from. Written beside and renamed, so a crash leaves the old copy or the new one.
 */
export async function writeLastGood(dir: string, file: string, text: string): Promise<void> {
  await mkdir(dir, { recursive: true })
  const target = join(dir, LAST_GOOD_NAME)
  const draft = join(dir, `.${LAST_GOOD_NAME}.${process.pid}.tmp`)
  try {
    await writeDraft(draft, `${HEADING}${JSON.stringify(file)}\n${text}`)
    // the mode of a draft that was left behind is not ours
    await chmod(draft, 0o600)
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncFolder(dir)
}

async function writeDraft(path: string, text: string): Promise<void> {
  const handle = await open(path, "w", 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The kept text of `file`; nothing when there is none, or when it is another file's. */
export async function readLastGood(dir: string, file: string): Promise<string | undefined> {
  let text: string
  try {
    text = await readFile(join(dir, LAST_GOOD_NAME), "utf8")
  } catch {
    return undefined
  }
  const end = text.indexOf("\n")
  if (end < 0 || text.slice(0, end) !== `${HEADING}${JSON.stringify(file)}`) return undefined
  return text.slice(end + 1)
}

/** Makes the rename itself last through a power cut, where the system lets a folder be synced. */
async function syncFolder(dir: string): Promise<void> {
  try {
    const handle = await open(dir, "r")
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {
    // Windows cannot open folders; the copy is whole there as well
  }
}
