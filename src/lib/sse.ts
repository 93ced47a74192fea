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
export const sseDecoder = ({ maxFrameBytes }: { readonly maxFrameBytes: number }): SseDecoder => new FrameDecoder(maxFrameBytes)

class FrameDecoder implements SseDecoder {
  private readonly held = new HeldBytes()
  private readonly lines = new LineScanner()
  private first = true
  private failure: SseFrameTooLargeError | undefined

  constructor(private readonly maxFrameBytes: number) {}

  push(chunk: Uint8Array): SseFrame[] {
    if (this.failure !== undefined) throw this.failure
    const frames: SseFrame[] = []
    try {
      this.collect(chunk, frames)
    } catch (error) {
      this.fail(error, frames)
    }
    return frames
  }

  flush(): SseFrame[] {
    if (this.failure !== undefined) throw this.failure
    const frames: SseFrame[] = []
    try {
      this.take(nothing, frames)
      this.lines.reset()
    } catch (error) {
      this.fail(error, frames)
    }
    return frames
  }

  private collect(chunk: Uint8Array, frames: SseFrame[]): void {
    const { lines, held } = this
    let from = 0
    lines.open(chunk)
    for (let end = lines.next(); end >= 0; end = lines.next()) {
      this.take(from === 0 && end === chunk.length ? chunk : chunk.subarray(from, end), frames)
      from = end
    }
    if (from === chunk.length) return
    if (held.size + chunk.length - from > this.maxFrameBytes) throw new SseFrameTooLargeError(this.maxFrameBytes)
    held.add(chunk.subarray(from))
  }

  private take(bytes: Uint8Array, frames: SseFrame[]): void {
    const size = this.held.size + bytes.length
    if (size === 0) return
    if (size > this.maxFrameBytes) throw new SseFrameTooLargeError(this.maxFrameBytes)
    frames.push(parseFrame(this.held.join(bytes), this.first))
    this.first = false
  }

  private fail(error: unknown, frames: readonly SseFrame[]): void {
    if (!(error instanceof SseFrameTooLargeError)) throw error
    this.failure = error
    this.held.drop()
    if (frames.length === 0) throw error
  }
}

/** Finds where blank lines end, over any number of chunks. */
class LineScanner {
  /** The chunk, one character for each byte: searching a string costs a tenth of searching a typed array. */
  private text = ""
  private at = 0
  private carriageReturn = -1
  private lineIsEmpty = true
  /** The last chunk ended in a CR, which may be half of an ending. */
  private openEnd: "" | "line" | "frame" = ""

  reset(): void {
    this.lineIsEmpty = true
    this.openEnd = ""
  }

  open(chunk: Uint8Array): void {
    this.text = Buffer.prototype.latin1Slice.call(chunk, 0, chunk.length)
    this.at = 0
    this.carriageReturn = this.text.indexOf("\r")
  }

  /** The offset just after the next blank line of this chunk, or -1. */
  next(): number {
    if (this.openEnd !== "") {
      const ended = this.openEnd
      if (!this.afterReturn(ended)) return -1
      if (ended === "frame") return this.at
    }
    if (this.carriageReturn < 0) return this.endFrame()
    for (;;) {
      const blank = this.endLine()
      if (blank === undefined) return -1
      if (blank) return this.at
    }
  }

  /** Skips the LF of a CR LF; whether there is a byte to decide by. */
  private afterReturn(ends: "line" | "frame"): boolean {
    if (this.at < this.text.length) {
      if (this.text.charCodeAt(this.at) === LF) this.at += 1
      this.openEnd = ""
      return true
    }
    this.openEnd = ends
    return false
  }

  /** Moves past the next line; whether it was blank, or undefined if the chunk ends first. */
  private endLine(): boolean | undefined {
    const { text, at } = this
    if (this.carriageReturn >= 0 && this.carriageReturn < at) this.carriageReturn = text.indexOf("\r", at)
    const { carriageReturn } = this
    const lineFeed = text.indexOf("\n", at)
    const returns = carriageReturn >= 0 && (lineFeed < 0 || carriageReturn < lineFeed)
    const end = returns ? carriageReturn : lineFeed
    if (end < 0) {
      this.lineIsEmpty &&= at === text.length
      return undefined
    }
    const blank = this.lineIsEmpty && end === at
    this.lineIsEmpty = true
    this.at = end + 1
    return returns && !this.afterReturn(blank ? "frame" : "line") ? undefined : blank
  }

  /** The same for a chunk without CR, a whole frame at a time. */
  private endFrame(): number {
    const { text, at } = this
    if (this.lineIsEmpty && text.charCodeAt(at) === LF) {
      this.at += 1
      return this.at
    }
    const end = text.indexOf("\n\n", at)
    if (end < 0) {
      if (at < text.length) this.lineIsEmpty = text.charCodeAt(text.length - 1) === LF
      return -1
    }
    this.lineIsEmpty = true
    this.at = end + 2
    return this.at
  }
}

const nothing = new Uint8Array(0)

/** Bytes of a frame that has not ended yet; grows by doubling, so a frame that comes byte by byte costs no more than linear time. */
class HeldBytes {
  size = 0
  private memory = nothing

  add(bytes: Uint8Array): void {
    const { size } = this
    if (size + bytes.length > this.memory.length) {
      const larger = new Uint8Array(Math.max(1024, 2 * this.memory.length, size + bytes.length))
      larger.set(this.memory.subarray(0, size))
      this.memory = larger
    }
    this.memory.set(bytes, size)
    this.size += bytes.length
  }

  drop(): void {
    this.size = 0
    if (this.memory.length > KEPT_BYTES) this.memory = nothing
  }

  /** What is held and these bytes; nothing is held afterwards. */
  join(bytes: Uint8Array): Uint8Array {
    if (this.size === 0) return bytes
    this.add(bytes)
    const joined = this.memory.slice(0, this.size)
    this.drop()
    return joined
  }
}
