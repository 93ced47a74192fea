/** What the fake provider received. `ended` settles once: the answer was written to its end, or the client left before that. */
export interface Recorded {
  readonly method: string
  /** Path with its query, as it stood in the request line. */
  readonly path: string
  readonly headers: Headers
  readonly body: Uint8Array
  /** Ordinal of the connection that carried the request, from 1. */
  readonly connection: number
  readonly protocol: "http/1.1" | "h2"
  text(): string
  json(): Record<string, unknown>
  readonly aborted: boolean
  readonly ended: Promise<"answered" | "aborted">
}

/**
 * One response under way. Ordinary answers use `head`, `write` and `end`; misbehaving ones the rest. Calls after the client has left do
 * nothing. `raw` exists on HTTP/1.1 only and throws elsewhere.
 */
export interface Writer {
  head(status: number, headers?: HeaderPairs): void
  write(bytes: Uint8Array | string): Promise<void>
  end(): Promise<void>
  /** Bytes put on the connection as they are. */
  raw(bytes: Uint8Array | string): Promise<void>
  /** Cuts the connection with a reset (TCP RST, or RST_STREAM on HTTP/2). */
  reset(): void
  /** Closes the connection after what has been written (FIN, or GOAWAY on HTTP/2). */
  close(): void
  /** Fires when the client has left or the server stops. */
  readonly gone: AbortSignal
}

export type HeaderPairs = Readonly<Record<string, string | readonly string[]>>

/** Writes one whole response, well-formed or not. */
export type Answer = (writer: Writer, request: Recorded) => void | Promise<void>

export interface Arrival {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  readonly body: Uint8Array
  readonly connection: number
  readonly protocol: Recorded["protocol"]
}

export interface Tracked {
  readonly request: Recorded
  end(how: "answered" | "aborted"): void
}

export function track(arrival: Arrival): Tracked {
  const { promise, resolve } = Promise.withResolvers<"answered" | "aborted">()
  let aborted = false
  let settled = false
  const text = () => new TextDecoder().decode(arrival.body)
  const request: Recorded = {
    ...arrival,
    text,
    json: () => JSON.parse(text()) as Record<string, unknown>,
    get aborted() {
      return aborted
    },
    ended: promise,
  }
  return {
    request,
    end(how) {
      if (settled) return
      settled = true
      aborted = how === "aborted"
      resolve(how)
    },
  }
}

export const encodeText = (value: Uint8Array | string): Uint8Array =>
  typeof value === "string" ? new TextEncoder().encode(value) : value

/** Waits, or returns early once the signal fires. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener("abort", finish)
      resolve()
    }
    const timer = setTimeout(finish, milliseconds)
    signal.addEventListener("abort", finish)
  })
}

/** Resolves when the signal fires. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted ? Promise.resolve() : new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }))
