import { batch, computed, effect, signal } from "@preact/signals"
import type { CallRecord, LogsView } from "../../src/http/api/types.ts"
import { filterProvider, filterStatus, filterText } from "./address.ts"
import { openFeed } from "./feed.ts"
import { getJson, RequestFailure } from "./http.ts"
import { status } from "./status.ts"
import { waitingRoom } from "./waiting-room.ts"

/** A frame of the feed: a finished call, or how many of them this page was not told of. */
export type FeedFrame =
  | { readonly type: "log"; readonly operation: "create"; readonly payload: CallRecord }
  | { readonly type: "log"; readonly operation: "dropped"; readonly payload: { readonly count: number } }

/** Rows held at most; older ones leave at the bottom as new ones come in at the top. */
const rowsLimit = 2_000
const waitingLimit = 500
const pageSize = 100
/** The list is drawn anew at most this often, however many calls come in. */
const drawEveryMs = 150
/** The log is asked when somebody has not typed for so long. */
const typingMs = 200

export type ListState = "loading" | "ready" | "failed"

const rows = signal<readonly CallRecord[]>([])
const cursor = signal<string | undefined>(undefined)

export const listState = signal<ListState>("loading")
export const listError = signal<string | undefined>(undefined)
/** The last page ran out of its time before it was full. */
export const listPartial = signal(false)
/** Days of UTC of which the list lacks calls that the log can no longer read. */
export const unreadableDays = signal<readonly string[]>([])
export const loadingOlder = signal(false)
/** The text has changed, and the log has not answered for it yet. */
export const searching = signal(false)
export const hasOlder = computed(() => cursor.value !== undefined)
/** Held back while the reader looks at the list. */
export const paused = signal(false)
export const waitingCount = signal(0)
/** Calls of the feed that came faster than they could be shown. The log has them, and the list when it is loaded anew. */
export const skippedCount = signal(0)

export const callFeed = openFeed("ws")

/** As many words and characters as the log takes; what goes beyond is not looked for. */
const wordsOf = (text: string): readonly string[] => text.slice(0, 500).toLowerCase().split(/\s+/).filter(Boolean).slice(0, 10)

/** What the list shows: loaded rows that have the words looked for, until the log's own answer for them is there and after it. */
export const shownCalls = computed<readonly CallRecord[]>(() => {
  const words = wordsOf(filterText.value)
  return words.length === 0 ? rows.value : rows.value.filter((call) => hasWords(call, words))
})
/** Also one that waits to be shown. */
export const loadedCall = (id: string): CallRecord | undefined => {
  const is = (call: CallRecord) => call.id === id
  return rows.peek().find(is) ?? room.find(is)
}
export const loadedCount = computed(() => rows.value.length)

function hasWords(call: CallRecord, words: readonly string[]): boolean {
  const { id, requestedModel, provider, model, keyName, caller, sessionId, dialect, error, status } = call
  const text = [id, requestedModel, provider, model, keyName, caller, sessionId, dialect, error?.kind, error?.message, status]
    .join(" ")
    .toLowerCase()
  return words.every((word) => text.includes(word))
}

const room = waitingRoom<CallRecord>(waitingLimit)
let drawn = 0
let drawing = false

function receive(call: CallRecord): void {
  if (!passes(call)) return
  room.push(call)
  if (!drawing) requestAnimationFrame(draw)
  drawing = true
}

function draw(time: number): void {
  if (time - drawn < drawEveryMs) {
    requestAnimationFrame(draw)
    return
  }
  drawing = false
  drawn = time
  if (paused.peek()) waitingCount.value = room.waiting
  else showWaiting()
}

/** Lets everything in that was held back. */
export function showWaiting(): void {
  const { items, skipped } = room.take()
  batch(() => {
    waitingCount.value = 0
    skippedCount.value += skipped
    if (items.length > 0) rows.value = merge(items, rows.peek())
  })
}

/** New ones first; one that is there already takes its old place with its new content. */
function merge(fresh: readonly CallRecord[], held: readonly CallRecord[]): readonly CallRecord[] {
  const latest = new Map(fresh.toReversed().map((call) => [call.id, call]))
  const kept = held.map((call) => {
    const update = latest.get(call.id)
    if (update !== undefined) latest.delete(call.id)
    return update ?? call
  })
  return [...[...latest.values()].reverse(), ...kept].slice(0, rowsLimit)
}

const passes = (call: CallRecord): boolean =>
  (filterStatus.peek() !== "error" || call.end !== "complete" || call.status >= 400) &&
  (filterProvider.peek() === undefined || call.provider === filterProvider.peek()) &&
  hasWords(call, wordsOf(filterText.peek()))

function query(after: string | undefined): string {
  const asked = new URLSearchParams({ limit: String(pageSize) })
  if (filterStatus.peek() !== undefined) asked.set("status", "error")
  const provider = filterProvider.peek()
  if (provider !== undefined) asked.set("providers", provider)
  const words = wordsOf(filterText.peek())
  if (words.length > 0) asked.set("search", words.join(" "))
  if (after !== undefined) asked.set("cursor", after)
  return `api/logs?${asked}`
}

let loading: AbortController | undefined

/** Pauses before a log that found nothing in its time is asked again by itself. */
const lookAgainMs = [500, 1_000, 2_000, 4_000]

/** Loads the newest page anew, with the filters of the address. */
export async function loadCalls(again = 0): Promise<void> {
  loading?.abort()
  const mine = new AbortController()
  loading = mine
  try {
    const page = await getJson<LogsView>(query(undefined), mine.signal)
    beginWith(page)
    if (listPartial.peek() && page.logs.length === 0) lookAgain(again, mine.signal)
    if (behind) void catchUp()
  } catch (error) {
    if (mine.signal.aborted) return
    searching.value = false
    listError.value = error instanceof RequestFailure ? error.message : String(error)
    if (rows.peek().length === 0) listState.value = "failed"
  }
}

function beginWith(page: LogsView): void {
  batch(() => {
    rows.value = merge(room.take().items, page.logs)
    waitingCount.value = 0
    skippedCount.value = 0
    unreadableDays.value = []
    takePage(page)
  })
}

/** Calls may have ended that neither the list nor the feed told of. */
let behind = false

/**
 * Takes in what ended before the feed was there: as if the feed had told of it, so that a list that is being read holds still. Where one page does
 * not reach back to what is held, the list begins anew.
 */
async function catchUp(again = 0): Promise<void> {
  behind = listState.peek() === "loading"
  if (behind) return
  if (listState.peek() === "failed") return loadCalls()
  const signal = loading?.signal
  try {
    const page = await getJson<LogsView>(query(undefined), signal)
    const missed = page.logs.filter(({ id }) => loadedCall(id) === undefined)
    if (page.pagination.has_more && missed.length === page.logs.length) beginWith(page)
    else for (const call of missed.toReversed()) receive(call)
  } catch {
    const wait = lookAgainMs[again]
    if (wait !== undefined && signal?.aborted !== true) setTimeout(() => void catchUp(again + 1), wait)
  }
}

function lookAgain(again: number, signal: AbortSignal): void {
  const wait = lookAgainMs[again]
  if (wait === undefined) return
  setTimeout(() => {
    if (!signal.aborted) void (cursor.peek() === undefined ? loadCalls(again + 1) : loadOlder())
  }, wait)
}

export async function loadOlder(): Promise<void> {
  if (loadingOlder.peek() || cursor.peek() === undefined) return
  loadingOlder.value = true
  const mine = loading?.signal
  try {
    const page = await getJson<LogsView>(query(cursor.peek()), mine)
    const held = new Set(rows.peek().map(({ id }) => id))
    batch(() => {
      rows.value = [...rows.peek(), ...page.logs.filter(({ id }) => !held.has(id))].slice(0, rowsLimit)
      takePage(page)
      if (rows.peek().length >= rowsLimit) cursor.value = undefined
    })
  } catch (error) {
    if (mine?.aborted !== true) listError.value = error instanceof RequestFailure ? error.message : String(error)
  } finally {
    loadingOlder.value = false
  }
}

function takePage({ logs, pagination, complete, unreadable_days = [] }: LogsView): void {
  const full = !pagination.has_more || logs.length >= pagination.limit
  cursor.value = pagination.has_more ? pagination.cursor : undefined
  listPartial.value = !complete && !(full && unreadable_days.length > 0)
  unreadableDays.value = [...new Set([...unreadableDays.peek(), ...unreadable_days])]
  listError.value = undefined
  listState.value = "ready"
  searching.value = false
}

callFeed.listen((message) => {
  const frame = message as FeedFrame | null
  if (frame?.type !== "log") return
  status.changed()
  if (frame.operation === "create") receive(frame.payload)
  if (frame.operation === "dropped") skippedCount.value += frame.payload.count
})
callFeed.onOpen(() => void catchUp())

effect(() => {
  filterStatus.value
  filterProvider.value
  listState.value = "loading"
  rows.value = []
  void loadCalls()
})

let typing: ReturnType<typeof setTimeout> | undefined
let searched = wordsOf(filterText.peek()).join(" ")

effect(() => {
  const words = wordsOf(filterText.value).join(" ")
  if (words === searched) return
  searched = words
  searching.value = true
  clearTimeout(typing)
  typing = setTimeout(() => void loadCalls(), typingMs)
})
