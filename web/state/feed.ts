import { signal } from "@preact/signals"
import { urlOf } from "./address.ts"

export type FeedState = "connecting" | "live" | "lost"

export interface Feed {
  readonly state: { readonly value: FeedState }
  /** Messages parsed from JSON, in order; ones that are not JSON are left out. */
  listen(take: (message: unknown) => void): void
  /** Called each time the feed is there, at first and after it was lost: what ended before was not told. */
  onOpen(run: () => void): void
}

const firstWaitMs = 500
const longestWaitMs = 15_000

/** The gateway's live feed. A lost connection mends itself, at growing and uneven intervals. */
export function openFeed(path: string): Feed {
  const state = signal<FeedState>("connecting")
  const takers: ((message: unknown) => void)[] = []
  const openers: (() => void)[] = []
  let wait = firstWaitMs
  const address = urlOf(path).replace(/^http/, "ws")

  const connect = () => {
    const socket = new WebSocket(address)
    socket.onopen = () => {
      state.value = "live"
      wait = firstWaitMs
      for (const opened of openers) opened()
    }
    socket.onmessage = ({ data }) => {
      const message = parse(data)
      if (message !== undefined) for (const take of takers) take(message)
    }
    socket.onclose = () => {
      state.value = "lost"
      setTimeout(connect, wait * (0.75 + Math.random() / 2))
      wait = Math.min(longestWaitMs, wait * 2)
    }
  }
  connect()

  return {
    state,
    listen(take) {
      takers.push(take)
    },
    onOpen(run) {
      openers.push(run)
    },
  }
}

function parse(data: unknown): unknown {
  if (typeof data !== "string") return undefined
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}
