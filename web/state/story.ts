import { effect, signal } from "@preact/signals"
import type { LogEntryView } from "../../src/http/api/log-entry.ts"
import { openCall } from "./address.ts"
import { getJson, RequestFailure } from "./http.ts"
import type { Resource } from "./resource.ts"

/** The open call, whole. */
export const story = signal<Resource<LogEntryView> | undefined>(undefined)

const retryMs = [150, 300, 600, 1_200, 2_400]
let loading: AbortController | undefined

export async function loadStory(id: string): Promise<void> {
  loading?.abort()
  const mine = new AbortController()
  loading = mine
  story.value = { state: "loading" }
  for (const wait of [...retryMs, undefined]) {
    try {
      const value = await getJson<LogEntryView>(`api/logs/${encodeURIComponent(id)}`, mine.signal)
      story.value = { state: "ready", value, at: Date.now() }
      return
    } catch (error) {
      if (mine.signal.aborted) return
      const status = error instanceof RequestFailure ? error.status : undefined
      if (status !== 404 || wait === undefined) {
        story.value = { state: "failed", message: messageOf(error), ...(status === undefined ? {} : { status }) }
        return
      }
      await new Promise((resolve) => setTimeout(resolve, wait))
      if (mine.signal.aborted) return
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

effect(() => {
  const id = openCall.value
  if (id !== undefined) void loadStory(id)
  else {
    loading?.abort()
    story.value = undefined
  }
})
