import type { CallRecord } from "../core/record.ts"

/** A frame of the live feed. Records that a listener did not get are told to it by number. */
export type FeedFrame =
  | { readonly type: "log"; readonly operation: "create"; readonly payload: CallRecord }
  | { readonly type: "log"; readonly operation: "dropped"; readonly payload: { readonly count: number } }

export interface Listener {
  send(frame: string): void
  /** Bytes that were sent and have not left yet. */
  buffered(): number
}

export interface Feed {
  publish(record: CallRecord): void
  /** Undefined when there are too many already. What it returns ends the subscription. */
  subscribe(listener: Listener): (() => void) | undefined
  readonly listeners: number
}

export interface FeedOptions {
  readonly maxListeners?: number
  /** What a listener may have under way before it loses frames. */
  readonly maxBuffered?: number
  /** Records a second for each listener; a busy gateway shows a sample. */
  readonly maxPerSecond?: number
}

interface Seat {
  readonly listener: Listener
  missed: number
  sent: number
  timer?: Timer
}

const windowMs = 1_000

/** Tells listeners of finished calls. Without listeners a record costs nothing; a slow one loses frames, and the rest do not notice. */
export function feed({ maxListeners = 64, maxBuffered = 1024 * 1024, maxPerSecond = 100 }: FeedOptions = {}): Feed {
  const seats = new Set<Seat>()

  const send = (seat: Seat, text: string) => {
    try {
      seat.listener.send(text)
    } catch {
      leave(seat)
    }
  }
  const leave = (seat: Seat) => {
    clearInterval(seat.timer)
    seats.delete(seat)
  }
  const hasRoom = (seat: Seat) => seat.sent < maxPerSecond && seat.listener.buffered() <= maxBuffered
  const renew = (seat: Seat) => {
    seat.sent = 0
    if (seat.missed > 0 && hasRoom(seat)) {
      const frame: FeedFrame = { type: "log", operation: "dropped", payload: { count: seat.missed } }
      seat.missed = 0
      send(seat, JSON.stringify(frame))
    }
  }

  return {
    publish(record) {
      if (seats.size === 0) return
      let text: string | undefined
      for (const seat of seats) {
        if (!hasRoom(seat)) {
          seat.missed += 1
          continue
        }
        seat.sent += 1
        text ??= JSON.stringify({ type: "log", operation: "create", payload: record } satisfies FeedFrame)
        send(seat, text)
      }
    },
    subscribe(listener) {
      if (seats.size >= maxListeners) return undefined
      const seat: Seat = { listener, missed: 0, sent: 0 }
      seat.timer = setInterval(() => renew(seat), windowMs)
      seat.timer.unref()
      seats.add(seat)
      return () => leave(seat)
    },
    get listeners() {
      return seats.size
    },
  }
}
