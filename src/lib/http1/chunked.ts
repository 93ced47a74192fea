import { ProtocolError } from "./response-head.ts"

const longestExtension = 4_096
const longestTrailers = 64 * 1024
const [carriageReturn, newline, semicolon, space, tab] = [0x0d, 0x0a, 0x3b, 0x20, 0x09]

type State =
  | "size"
  | "after-size"
  | "extension"
  | "size-newline"
  | "data"
  | "data-return"
  | "data-newline"
  | "trailer"
  | "trailer-newline"

/** Undoes the chunked transfer coding (RFC 9112 §7.1). Extensions and trailers are read and left out. */
export class ChunkedDecoder {
  done = false
  /** After the end: how many bytes of the last piece belong to what follows. */
  surplus = 0
  private state: State = "size"
  /** Of the chunk. */
  private left = 0
  private digits = 0
  private extensionBytes = 0
  /** Of the trailer's line. */
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
        this.step(piece[at] ?? 0)
        at += 1
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
      if (this.left === 0) this.state = "data-return"
    }
    if (this.done) this.surplus = end - at
    return from < 0 ? nothing : piece.subarray(from, to)
  }

  /** Reads one byte of framing. */
  private step(byte: number): void {
    switch (this.state) {
      case "size":
        this.readSize(byte)
        return
      case "after-size":
        this.readAfterSize(byte)
        return
      case "extension":
        this.readExtension(byte)
        return
      case "size-newline":
        if (byte !== newline) throw new ProtocolError("a chunk's size does not end its line")
        this.sizeRead()
        return
      case "data-return":
        if (byte !== carriageReturn) throw new ProtocolError("a chunk is longer than it says")
        this.state = "data-newline"
        return
      case "data-newline":
        if (byte !== newline) throw new ProtocolError("a chunk is longer than it says")
        this.state = "size"
        return
      default:
        this.readTrailer(byte)
    }
  }

  private readSize(byte: number): void {
    const digit = hexDigit(byte)
    if (digit < 0) {
      if (this.digits === 0) throw new ProtocolError("a chunk does not begin with its size")
      this.readAfterSize(byte)
      return
    }
    // 2^52 is more than anybody sends, and a number still exact
    if (this.digits >= 13) throw new ProtocolError("a chunk is too large")
    this.digits += 1
    this.left = this.left * 16 + digit
  }

  private readAfterSize(byte: number): void {
    if (byte === carriageReturn) this.state = "size-newline"
    else if (byte === semicolon) this.state = "extension"
    else if (byte === space || byte === tab) this.readBlank()
    else throw new ProtocolError("a chunk's size is not a hexadecimal number")
  }

  private readBlank(): void {
    this.state = "after-size"
    this.countExtension()
  }

  private readExtension(byte: number): void {
    if (byte === carriageReturn) this.state = "size-newline"
    else if (byte === newline) throw new ProtocolError("a chunk's extension is malformed")
    else this.countExtension()
  }

  private countExtension(): void {
    this.extensionBytes += 1
    if (this.extensionBytes > longestExtension) throw new ProtocolError("a chunk's extension is too long")
  }

  private sizeRead(): void {
    this.digits = 0
    this.extensionBytes = 0
    this.state = this.left === 0 ? "trailer" : "data"
  }

  /** An empty line ends the trailers and the body. */
  private readTrailer(byte: number): void {
    this.trailerBytes += 1
    if (this.trailerBytes > longestTrailers) throw new ProtocolError("the answer's trailers are too long")
    if (this.state === "trailer-newline") {
      if (byte !== newline) throw new ProtocolError("the answer's trailers are malformed")
      this.done = this.lineBytes === 0
      this.lineBytes = 0
      this.state = "trailer"
    } else if (byte === carriageReturn) this.state = "trailer-newline"
    else if (byte === newline) throw new ProtocolError("the answer's trailers are malformed")
    else this.lineBytes += 1
  }
}

const nothing = Buffer.alloc(0)

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
