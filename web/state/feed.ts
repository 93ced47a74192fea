import { signal } from "@preact/signals"
import { urlOf } from "./address.ts"

export type FeedState = "connecting" | "live" | "lost"

export interface Feed {
  readonly state: { readonly value: FeedState }
  /** Messages parsed from JSON, in order; ones that are not JSON are left out. */
  listen(take: (message: unknown) => void): void
  /** Called each time the feed is there again after it was lost. */
  onReturn(run: () => void): void
}

const firstWaitMs = 500
const longestWaitMs = 15_000

/** The gateway's live feed. A lost connection mends itself, at growing and uneven intervals. */
export function openFeed(path: string): Feed {
  const state = signal<FeedState>("connecting")
  let take: (message: unknown) => void = () => {}
  let returned: () => void = () => {}
  let wait = firstWaitMs
  let wasLost = false
  const address = urlOf(path).replace(/^http/, "ws")

  const connect = () => {
    const socket = new WebSocket(address)
    socket.onopen = () => {
      state.value = "live"
      wait = firstWaitMs
      if (wasLost) returned()
      wasLost = false
    }
    socket.onmessage = ({ data }) => {
      const message = parse(data)
      if (message !== undefined) take(message)
    }
    socket.onclose = () => {
      wasLost = true
      state.value = "lost"
      setTimeout(connect, wait * (0.75 + Math.random() / 2))
      wait = Math.min(longestWaitMs, wait * 2)
    }
  }
  connect()

  return {
    state,
    listen(listener) {
      take = listener
    },
    onReturn(run) {
      returned = run
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
