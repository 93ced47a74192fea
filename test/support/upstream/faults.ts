import { type Answer, encodeText, type HeaderPairs, pause, untilAborted } from "./exchange.ts"
import { bytes, type Frame, renderFrames } from "./well-formed.ts"

const eventStream = { "content-type": "text/event-stream; charset=utf-8" }
const jsonHeaders = { "content-type": "application/json" }

/** Takes the request and never says a word. */
export const hang = (): Answer => (writer) => untilAborted(writer.gone)

/** Sends headers, then `frames` if any, then nothing more. */
export function stall(frames: readonly Frame[] = [], headers: HeaderPairs = eventStream): Answer {
  return async (writer) => {
    writer.head(200, headers)
    await writer.write(renderFrames(frames))
    await untilAborted(writer.gone)
  }
}

export const resetBeforeHeaders = (): Answer => (writer) => writer.reset()

export const closeBeforeHeaders = (): Answer => (writer) => writer.close()

export function resetAfterHeaders(headers: HeaderPairs = eventStream, status = 200): Answer {
  return async (writer) => {
    writer.head(status, headers)
    await settle(writer.gone)
    writer.reset()
  }
}

/** Resets the connection after `frames`, mid-body. */
export function resetAfter(frames: readonly Frame[]): Answer {
  return async (writer) => {
    writer.head(200, eventStream)
    await writer.write(renderFrames(frames))
    await settle(writer.gone)
    writer.reset()
  }
}

/** Writes all frames but the last `cutBytes` bytes, then closes the connection as if all were well. */
export function cutFrames(frames: readonly Frame[], cutBytes: number): Answer {
  const whole = encodeText(renderFrames(frames))
  return async (writer) => {
    writer.head(200, eventStream)
    await writer.write(whole.subarray(0, Math.max(0, whole.length - cutBytes)))
    await writer.end()
  }
}

/** Writes the frames, then closes the connection without the terminating chunk. */
export function closeAfter(frames: readonly Frame[]): Answer {
  return async (writer) => {
    writer.head(200, eventStream)
    await writer.write(renderFrames(frames))
    writer.close()
  }
}

/** A body that goes on until the client leaves or `limitBytes` are sent: 16 KiB pieces of one JSON string that never closes. */
export function endlessBody(limitBytes = 1 << 30): Answer {
  const piece = encodeText("x".repeat(16_384))
  return async (writer) => {
    writer.head(200, jsonHeaders)
    await writer.write('{"text":"')
    for (let sent = 0; sent < limitBytes && !writer.gone.aborted; sent += piece.length) {
      await writer.write(piece)
      await pause(0, writer.gone)
    }
  }
}

/** A well-formed body, `perWrite` bytes at a time, `everyMs` apart. */
export function drip(body: string, everyMs: number, perWrite = 1, headers: HeaderPairs = jsonHeaders): Answer {
  const content = encodeText(body)
  return async (writer) => {
    writer.head(200, headers)
    for (let from = 0; from < content.length && !writer.gone.aborted; from += perWrite) {
      await writer.write(content.subarray(from, from + perWrite))
      await pause(everyMs, writer.gone)
    }
    await writer.end()
  }
}

/** A web page where JSON was due, as load balancers send it. */
export const htmlPage = (status = 200): Answer =>
  bytes("<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>", {
    status,
    headers: { "content-type": "text/html" },
  })

export const garbageJson = (status = 200): Answer => bytes('{"id":"x","choices":[{"index":0,', { status, headers: jsonHeaders })

export const emptyBody = (status = 200, headers: HeaderPairs = jsonHeaders): Answer => bytes("", { status, headers })

/** Promises more bytes than it sends, then closes. */
export function truncatedLength(body: string, missing = 10): Answer {
  const content = encodeText(body)
  return async (writer) => {
    writer.head(200, { ...jsonHeaders, "content-length": String(content.length + missing) })
    await writer.write(content)
    writer.close()
  }
}

/** Frames, then a fault of another kind in the same body: an HTML page in the middle of a stream, a broken chunk header, … */
export function framesThenRaw(frames: readonly Frame[], raw: string): Answer {
  return async (writer) => {
    writer.head(200, eventStream)
    await writer.write(renderFrames(frames))
    await writer.raw(raw)
    writer.close()
  }
}

/** Bytes put on the connection as they are, which is then closed. HTTP/1.1 only. */
export function rawBytes(raw: Uint8Array | string): Answer {
  return async (writer) => {
    await writer.raw(raw)
    writer.close()
  }
}

/** Answers well, then announces the end of the connection: FIN, or GOAWAY on HTTP/2. */
export function lastOnConnection(answer: Answer): Answer {
  return async (writer, request) => {
    await answer(writer, request)
    writer.close()
  }
}

/** Gives the kernel a moment to send what was written: a reset throws unsent bytes away. */
const settle = (gone: AbortSignal) => pause(30, gone)
