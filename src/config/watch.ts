import { type FSWatcher, watch } from "node:fs"
import { stat } from "node:fs/promises"
import { basename, dirname } from "node:path"

export interface WatchOptions {
  /** Quiet time after the last change before the file is looked at; editors write in several steps. */
  readonly debounceMs?: number
  /** How often the file is looked at without any event, for folders whose events get lost (networks, containers). 0: never. */
  readonly pollMs?: number
}

export interface FileWatch {
  stop(): void
}

/**
 * Calls `changed` after the file may have changed. It watches the folder, since editors and orchestrators replace a file instead
 * of writing into it, and calls only when size, time or inode differ from the last look. Calls never overlap.
 */
export function watchFile(file: string, changed: () => Promise<void>, options: WatchOptions = {}): FileWatch {
  const { debounceMs = 100, pollMs = 5000 } = options
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let known: string | undefined
  let running = false
  let again = false

  const look = async (): Promise<void> => {
    if (stopped) return
    if (running) {
      again = true
      return
    }
    running = true
    try {
      const now = await fingerprint(file)
      if (now !== known && !stopped) {
        known = now
        await changed()
      }
    } finally {
      running = false
    }
    if (again) {
      again = false
      await look()
    }
  }
  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(() => void look(), debounceMs)
  }
  const folder = openFolder(dirname(file), basename(file), soon)
  const poll = pollMs > 0 ? setInterval(() => void look(), pollMs) : undefined
  poll?.unref()
  // the file may have changed between the caller's own reading and now
  soon()
  return {
    stop() {
      stopped = true
      clearTimeout(timer)
      clearInterval(poll)
      folder?.close()
    },
  }
}

function openFolder(folder: string, name: string, event: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, (_kind, touched) => {
      // mounted config maps swap a link whose name begins with two dots and leave the file's own entry alone
      if (touched === null || touched === name || touched.startsWith("..")) event()
    })
    // a folder that goes away ends its events; the poll goes on
    watcher.on("error", () => watcher.close())
    watcher.unref()
    return watcher
  } catch {
    return undefined
  }
}

async function fingerprint(file: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeMs } = await stat(file)
    return `${ino}:${size}:${mtimeMs}`
  } catch {
    return undefined
  }
}
