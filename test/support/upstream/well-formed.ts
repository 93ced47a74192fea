import { type Answer, encodeText, type HeaderPairs, pause } from "./exchange.ts"

/** One server-sent event. `data` objects are written as JSON; `event` absent writes no event line. */
export interface Frame {
  readonly event?: string
  readonly data: string | object
}

export interface SseOptions {
  readonly status?: number
  readonly headers?: HeaderPairs
  /** Pause between frames. */
  readonly delayMs?: number
  /** Byte positions at which the body is cut into separate writes; frames are written whole when absent. */
  readonly splitAt?: readonly number[] | "every byte"
}

export function json(status: number, body: unknown, headers: HeaderPairs = {}): Answer {
  return bytes(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } })
}

export function bytes(body: Uint8Array | string, options: { status?: number; headers?: HeaderPairs } = {}): Answer {
  const content = encodeText(body)
  return async (writer) => {
    writer.head(options.status ?? 200, { ...options.headers, "content-length": String(content.length) })
    await writer.write(content)
    await writer.end()
  }
}

export function sse(frames: readonly Frame[], options: SseOptions = {}): Answer {
  return async (writer) => {
    writer.head(options.status ?? 200, { "content-type": "text/event-stream; charset=utf-8", ...options.headers })
    for (const [index, piece] of pieces(frames, options.splitAt).entries()) {
      if (writer.gone.aborted) return
      if (index > 0) await pause(options.delayMs ?? 0, writer.gone)
      await writer.write(piece)
    }
    await writer.end()
  }
}

/** Frames until the client leaves, `everyMs` apart: `first` once, then `again` over and over. */
export function endlessSse(first: readonly Frame[], again: Frame, everyMs = 5): Answer {
  return async (writer) => {
    writer.head(200, { "content-type": "text/event-stream; charset=utf-8" })
    await writer.write(renderFrames(first))
    while (!writer.gone.aborted) {
      await writer.write(renderFrame(again))
      await pause(everyMs, writer.gone)
    }
  }
}

/** Waits before the answer begins. */
export function after(milliseconds: number, answer: Answer): Answer {
  return async (writer, request) => {
    await pause(milliseconds, writer.gone)
    await answer(writer, request)
  }
}

/** Interim responses (100, 102, 103) before the final one. HTTP/1.1 only. */
export function interim(statuses: readonly number[], answer: Answer): Answer {
  return async (writer, request) => {
    for (const status of statuses) await writer.raw(`HTTP/1.1 ${status} Interim\r\n${status === 103 ? "link: </x>\r\n" : ""}\r\n`)
    await answer(writer, request)
  }
}

export function renderFrame(frame: Frame): string {
  const data = typeof frame.data === "string" ? frame.data : JSON.stringify(frame.data)
  return `${frame.event === undefined ? "" : `event: ${frame.event}\n`}data: ${data}\n\n`
}

export const renderFrames = (frames: readonly Frame[]): string => frames.map(renderFrame).join("")

function pieces(frames: readonly Frame[], splitAt: SseOptions["splitAt"]): readonly Uint8Array[] {
  if (splitAt === undefined) return frames.map((frame) => encodeText(renderFrame(frame)))
  const whole = encodeText(renderFrames(frames))
  const cuts =
    splitAt === "every byte"
      ? whole
          .keys()
          .map((position) => position + 1)
          .toArray()
      : [...splitAt, whole.length]
  let from = 0
  return cuts
    .filter((cut) => cut > 0 && cut <= whole.length)
    .map((cut) => {
      const piece = whole.subarray(from, cut)
      from = cut
      return piece
    })
    .filter((piece) => piece.length > 0)
}
