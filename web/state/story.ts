import { computed, effect, signal, untracked } from "@preact/signals"
import type { LogEntryView } from "../../src/http/api/log-entry.ts"
import type { CallRecord } from "../../src/http/api/types.ts"
import { openCall } from "./address.ts"
import { attempt } from "./attempt.ts"
import { callFeed, type FeedFrame, loadedCall } from "./calls.ts"
import { getJson, RequestFailure } from "./http.ts"
import type { Resource } from "./resource.ts"

/** A call as far as it is known: the list has its record at once, the log its payloads a moment later. */
export interface Story {
  readonly record: CallRecord
  /** Absent while they are on their way. */
  readonly payloads?: LogEntryView["payloads"]
  /** Why they will not come. */
  readonly payloadsError?: string
}

export const story = signal<Resource<Story> | undefined>(undefined)

/** The open call is the one that this page is making, and has not ended. */
export const isUnderWay = computed(() => {
  const made = attempt.value
  return made?.state === "running" && made.callId !== undefined && made.callId === openCall.value
})

const retryMs = [150, 300, 600, 1_200, 2_400]
let loading: AbortController | undefined

export async function loadStory(id: string): Promise<void> {
  loading?.abort()
  const mine = new AbortController()
  loading = mine
  const record = loadedCall(id)
  story.value = record === undefined ? { state: "loading" } : { state: "ready", value: { record }, at: Date.now() }
  for (const wait of [...retryMs, undefined]) {
    try {
      const value = await getJson<LogEntryView>(`api/logs/${encodeURIComponent(id)}`, mine.signal)
      story.value = { state: "ready", value: value.payloads_lost ? withoutPayloads(value) : value, at: Date.now() }
      return
    } catch (error) {
      if (mine.signal.aborted) return
      const status = error instanceof RequestFailure ? error.status : undefined
      if (status !== 404 || wait === undefined) {
        story.value =
          record === undefined
            ? { state: "failed", message: messageOf(error), ...(status === undefined ? {} : { status }) }
            : { state: "ready", value: { record, payloadsError: messageOf(error) }, at: Date.now() }
        return
      }
      await new Promise((resolve) => setTimeout(resolve, wait))
      if (mine.signal.aborted) return
    }
  }
}

const withoutPayloads = ({ record }: LogEntryView): Story => ({
  record,
  payloadsError: "The log had no room for it, or its file is damaged.",
})

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

effect(() => {
  const id = openCall.value
  if (id !== undefined && !isUnderWay.value) untracked(() => void loadStory(id))
  else {
    loading?.abort()
    story.value = undefined
  }
})

/** A call that was opened before it had ended is told as soon as it has. */
callFeed.listen((message) => {
  const frame = message as FeedFrame | null
  if (frame?.type !== "log" || frame.operation !== "create" || frame.payload.id !== openCall.peek()) return
  if (story.peek()?.state === "failed") void loadStory(frame.payload.id)
})

/** What could not be loaded is asked for again when the gateway is there again. */
callFeed.onOpen(() => {
  const id = openCall.peek()
  const known = story.peek()
  const lacks = known?.state === "failed" || (known?.state === "ready" && known.value.payloadsError !== undefined)
  if (id !== undefined && lacks) void loadStory(id)
})
