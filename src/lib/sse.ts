import { parseFrame, type SseFrame } from "./sse-frame.ts"

export { encodeSse, type SseFrame, sseComment } from "./sse-frame.ts"

/** A frame is larger than the decoder's bound. */
export class SseFrameTooLargeError extends Error {
  override readonly name = "SseFrameTooLargeError"
  readonly maxFrameBytes: number

  constructor(maxFrameBytes: number) {
    super(`server-sent event larger than ${maxFrameBytes} bytes`)
    this.maxFrameBytes = maxFrameBytes
  }
}

export interface SseDecoder {
  /**
   * The frames that this chunk completes. Their `raw` may be a view of the chunk, whose memory must not be used again.
   *
   * @throws SseFrameTooLargeError, once the frames before the large one have been returned; and then on every call
   */
  push(chunk: Uint8Array): SseFrame[]
  /** The rest, which no blank line has ended; the decoder is empty afterwards. */
  flush(): SseFrame[]
}

const LF = 0x0a
/** Held memory up to here is used again for the next frame. */
const KEPT_BYTES = 65_536

/**
 * Server-sent events, as https://html.spec.whatwg.org/multipage/server-sent-events.html reads them, from bytes cut anywhere.
 * The raw bytes of all frames, joined, are the input. A frame that ends in CR waits for the next byte, which may be its LF.
 */
export function sseDecoder({ maxFrameBytes }: { readonly maxFrameBytes: number }): SseDecoder {
  const held = heldBytes()
  const lines = lineScanner()
  let first = true
  let failure: SseFrameTooLargeError | undefined

  function take(bytes: Uint8Array, frames: SseFrame[]): void {
    const size = held.size() + bytes.length
    if (size === 0) return
    if (size > maxFrameBytes) throw new SseFrameTooLargeError(maxFrameBytes)
    frames.push(parseFrame(held.join(bytes), first))
    first = false
  }

  function collect(chunk: Uint8Array, frames: SseFrame[]): void {
    let from = 0
    lines.open(chunk)
    for (let end = lines.next(); end >= 0; end = lines.next()) {
      take(chunk.subarray(from, end), frames)
      from = end
    }
    if (held.size() + chunk.length - from > maxFrameBytes) throw new SseFrameTooLargeError(maxFrameBytes)
    held.add(chunk.subarray(from))
  }

  function run(work: (frames: SseFrame[]) => void): SseFrame[] {
    if (failure !== undefined) throw failure
    const frames: SseFrame[] = []
    try {
      work(frames)
    } catch (error) {
      if (!(error instanceof SseFrameTooLargeError)) throw error
      failure = error
      held.drop()
      if (frames.length === 0) throw error
    }
    return frames
  }

  return {
    push: (chunk) => run((frames) => collect(chunk, frames)),
    flush: () =>
      run((frames) => {
        take(new Uint8Array(0), frames)
        lines.reset()
      }),
  }
}

/** Finds where blank lines end, over any number of chunks. */
function lineScanner() {
  let text = "" // the chunk, one character for each byte: searching a string costs a tenth of searching a typed array
  let at = 0
  let carriageReturn = -1
  let lineIsEmpty = true
  let openEnd: "" | "line" | "frame" = "" // the last chunk ended in a CR, which may be half of an ending

  /** Skips the LF of a CR LF; whether there is a byte to decide by. */
  function afterReturn(ends: "line" | "frame"): boolean {
    if (at < text.length) {
      if (text.charCodeAt(at) === LF) at++
      openEnd = ""
      return true
    }
    openEnd = ends
    return false
  }

  /** Moves past the next line; whether it was blank, or undefined if the chunk ends first. */
  function endLine(): boolean | undefined {
    if (carriageReturn >= 0 && carriageReturn < at) carriageReturn = text.indexOf("\r", at)
    const lineFeed = text.indexOf("\n", at)
    const returns = carriageReturn >= 0 && (lineFeed < 0 || carriageReturn < lineFeed)
    const end = returns ? carriageReturn : lineFeed
    if (end < 0) {
      lineIsEmpty &&= at === text.length
      return undefined
    }
    const blank = lineIsEmpty && end === at
    lineIsEmpty = true
    at = end + 1
    return returns && !afterReturn(blank ? "frame" : "line") ? undefined : blank
  }

  /** The same for a chunk without CR, a whole frame at a time. */
  function endFrame(): number {
    if (lineIsEmpty && text.charCodeAt(at) === LF) return ++at
    const end = text.indexOf("\n\n", at)
    if (end < 0) {
      if (at < text.length) lineIsEmpty = text.charCodeAt(text.length - 1) === LF
      return -1
    }
    lineIsEmpty = true
    at = end + 2
    return at
  }

  return {
    reset(): void {
      lineIsEmpty = true
      openEnd = ""
    },
    open(chunk: Uint8Array): void {
      text = Buffer.prototype.latin1Slice.call(chunk, 0, chunk.length)
      at = 0
      carriageReturn = text.indexOf("\r")
    },
    /** The offset just after the next blank line of this chunk, or -1. */
    next(): number {
      if (openEnd !== "") {
        const ended = openEnd
        if (!afterReturn(ended)) return -1
        if (ended === "frame") return at
      }
      if (carriageReturn < 0) return endFrame()
      for (;;) {
        const blank = endLine()
        if (blank === undefined) return -1
        if (blank) return at
      }
    },
  }
}

/** Bytes of a frame that has not ended yet; grows by doubling, so a frame that comes byte by byte costs no more than linear time. */
function heldBytes() {
  let memory = new Uint8Array(0)
  let size = 0

  function add(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    if (size + bytes.length > memory.length) {
      const larger = new Uint8Array(Math.max(1024, 2 * memory.length, size + bytes.length))
      larger.set(memory.subarray(0, size))
      memory = larger
    }
    memory.set(bytes, size)
    size += bytes.length
  }

  function drop(): void {
    size = 0
    if (memory.length > KEPT_BYTES) memory = new Uint8Array(0)
  }

  return {
    add,
    drop,
    size: () => size,
    /** What is held and these bytes; nothing is held afterwards. */
    join(bytes: Uint8Array): Uint8Array {
      if (size === 0) return bytes
      add(bytes)
      const joined = memory.slice(0, size)
      drop()
      return joined
    },
  }
}
