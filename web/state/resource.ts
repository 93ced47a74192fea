import { type ReadonlySignal, signal } from "@preact/signals"

/** What is known of something fetched. A failed refresh keeps the last value: `stale` then says why it is not fresh. */
export type Resource<T> =
  | { readonly state: "loading" }
  | { readonly state: "ready"; readonly value: T; readonly at: number; readonly stale?: string }
  | { readonly state: "failed"; readonly message: string; readonly status?: number }

export interface Polled<T> {
  readonly current: ReadonlySignal<Resource<T>>
  refresh(): Promise<void>
  /** It has changed: fetches within a second, once however often this is said. */
  changed(): void
}

const slowest = 30_000
const soonMs = 1_000

/**
 * Fetches now and then every `everyMs` while the page is visible, slower while it fails. One request at a time: a refresh while one is under way is
 * that one.
 */
export function polled<T>(load: () => Promise<T>, everyMs: number): Polled<T> {
  const current = signal<Resource<T>>({ state: "loading" })
  let running: Promise<void> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let wait = everyMs

  const once = async () => {
    clearTimeout(timer)
    try {
      current.value = { state: "ready", value: await load(), at: Date.now() }
      wait = everyMs
    } catch (error) {
      current.value = failedAfter(current.peek(), error)
      wait = Math.min(slowest, wait * 1.5)
    }
    if (!document.hidden) timer = setTimeout(refresh, wait)
  }
  const refresh = () => {
    running ??= once().finally(() => {
      running = undefined
    })
    return running
  }

  let told = false
  const changed = () => {
    if (told || document.hidden) return
    told = true
    setTimeout(() => {
      told = false
      void refresh()
    }, soonMs)
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void refresh()
  })
  void refresh()
  return { current, refresh, changed }
}

function failedAfter<T>(before: Resource<T>, error: unknown): Resource<T> {
  const message = error instanceof Error ? error.message : String(error)
  if (before.state === "ready") return { ...before, stale: message }
  const status = (error as { readonly status?: number }).status
  return { state: "failed", message, ...(status === undefined ? {} : { status }) }
}
