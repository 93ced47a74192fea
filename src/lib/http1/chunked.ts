import { ProtocolError } from "./response-head.ts"

const longestLine = 4_096
const longestTrailers = 64 * 1024
const [carriageReturn, newline, semicolon] = [0x0d, 0x0a, 0x3b]

type State = "size" | "extension" | "data" | "data-end" | "trailer"

/** Undoes the chunked transfer coding (RFC 9112 §7.1). Extensions and trailers are read and left out. */
export class ChunkedDecoder {
  done = false
  /** After the end: how many bytes of the last piece belong to what follows. */
  surplus = 0
  private state: State = "size"
  /** Of the chunk. */
  private left = 0
  private digits = 0
  private lineBytes = 0
  private trailerBytes = 0

  /**
   * The data in a piece of the body, as one stretch of the piece's own memory, which is moved together where several chunks lie in it.
   * @throws ProtocolError
   */
  push(piece: Buffer): Buffer {
    const end = piece.length
    let at = 0
    let from = -1
    let to = 0
    while (at < end && !this.done) {
      if (this.state !== "data") {
        at = this.step(piece, at)
        continue
      }
      const next = Math.min(end, at + this.left)
      if (from < 0) {
        from = at
        to = next
      } else {
        piece.copyWithin(to, at, next)
        to += next - at
      }
      this.left -= next - at
      at = next
      if (this.left === 0) this.state = "data-end"
    }
    if (this.done) this.surplus = end - at
    return from < 0 ? nothing : piece.subarray(from, to)
  }

  /** Reads framing at `at`; where to go on. */
  private step(piece: Buffer, at: number): number {
    const byte = piece[at] ?? 0
    switch (this.state) {
      case "size":
        this.readSize(byte)
        return at + 1
      case "extension":
        this.count(longestLine)
        if (byte === newline) this.sizeRead()
        return at + 1
      case "data-end":
        if (byte === newline) this.state = "size"
        else if (byte !== carriageReturn) throw new ProtocolError("a chunk is longer than it says")
        return at + 1
      default:
        this.readTrailer(byte)
        return at + 1
    }
  }

  private readSize(byte: number): void {
    const digit = hexDigit(byte)
    if (digit >= 0) {
      // 2^52 is more than anybody sends, and a number still exact
      if (this.digits >= 13) throw new ProtocolError("a chunk is too large")
      this.digits += 1
      this.left = this.left * 16 + digit
      return
    }
    if (this.digits === 0) throw new ProtocolError("a chunk does not begin with its size")
    if (byte === newline) this.sizeRead()
    else if (byte === carriageReturn || byte === semicolon || byte === 0x20 || byte === 0x09) this.state = "extension"
    else throw new ProtocolError("a chunk's size is not a hexadecimal number")
  }

  private sizeRead(): void {
    this.digits = 0
    this.lineBytes = 0
    this.state = this.left === 0 ? "trailer" : "data"
  }

  private count(limit: number): void {
    this.lineBytes += 1
    if (this.lineBytes > limit) throw new ProtocolError("a chunk's extension is too long")
  }

  /** An empty line ends the trailers and the body. */
  private readTrailer(byte: number): void {
    this.trailerBytes += 1
    if (this.trailerBytes > longestTrailers) throw new ProtocolError("the answer's trailers are too long")
    if (byte === newline) {
      if (this.lineBytes === 0) this.done = true
      this.lineBytes = 0
    } else if (byte !== carriageReturn) this.lineBytes += 1
  }
}

const nothing = Buffer.alloc(0)

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
