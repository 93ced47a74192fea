import { isWholeZstd } from "./zstd-frames.ts"

/** The body inflates past the bound. */
export class InflatedTooLargeError extends Error {
  override readonly name = "InflatedTooLargeError"
  readonly maxBytes: number

  constructor(maxBytes: number) {
    super(`body larger than ${maxBytes} bytes when decompressed`)
    this.maxBytes = maxBytes
  }
}

/** The content-encoding is unknown, or applied more often than anybody does in good faith. */
export class UnsupportedEncodingError extends Error {
  override readonly name = "UnsupportedEncodingError"
}

/** The compressed bytes are damaged or cut off. */
export class CorruptBodyError extends Error {
  override readonly name = "CorruptBodyError"
}

export interface InflateOptions {
  readonly maxBytes: number
  readonly signal?: AbortSignal
  /** Told of every step how many bytes there are so far; what it throws ends the work. */
  readonly grown?: (bytes: number) => void
}

const MAX_ENCODINGS = 3

/**
 * Undoes a `content-encoding` (RFC 9110 §8.4): gzip, deflate with or without its zlib wrapper, br, zstd, identity, or several with commas.
 * Stops within one 64 KiB block past `maxBytes`, whatever the compressed size promises.
 *
 * @throws InflatedTooLargeError; UnsupportedEncodingError; CorruptBodyError; the signal's reason; whatever `grown` throws
 */
export async function inflate(body: Uint8Array, contentEncoding: string, options: InflateOptions): Promise<Uint8Array> {
  const encodings = contentEncoding
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity")
  if (encodings.length > MAX_ENCODINGS) throw new UnsupportedEncodingError("too many content encodings")
  let bytes = body
  if (encodings.length > 0) {
    // Not before the first body that is compressed: it takes its share of memory.
    const zlib = await import("node:zlib")
    for (const encoding of encodings.reverse()) bytes = await run(decompressor(zlib, encoding, bytes), bytes, options)
  }
  if (bytes.length > options.maxBytes) throw new InflatedTooLargeError(options.maxBytes)
  return bytes
}

function decompressor(zlib: typeof import("node:zlib"), encoding: string, bytes: Uint8Array) {
  const block = { chunkSize: 65_536 }
  switch (encoding) {
    case "gzip":
    case "x-gzip":
      return zlib.createGunzip(block)
    case "deflate":
      // Some senders leave out the zlib wrapper, whose first byte names method 8.
      return ((bytes[0] ?? 8) & 0x0f) === 8 ? zlib.createInflate(block) : zlib.createInflateRaw(block)
    case "br":
      return zlib.createBrotliDecompress(block)
    case "zstd":
      if (!isWholeZstd(bytes)) throw new CorruptBodyError("zstd body is cut off")
      return zlib.createZstdDecompress(block)
    default:
      throw new UnsupportedEncodingError("unknown content encoding")
  }
}

async function run(
  stream: ReturnType<typeof decompressor>,
  bytes: Uint8Array,
  { maxBytes, signal, grown }: InflateOptions,
): Promise<Uint8Array> {
  signal?.throwIfAborted()
  const stop = () => stream.destroy(signal?.reason)
  signal?.addEventListener("abort", stop)
  const chunks: Uint8Array[] = []
  let size = 0
  let damaged = true
  try {
    stream.end(bytes)
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      size += chunk.length
      damaged = false
      if (size > maxBytes) throw new InflatedTooLargeError(maxBytes)
      grown?.(size)
      damaged = true
      chunks.push(chunk)
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw damaged ? new CorruptBodyError("body cannot be decompressed") : error
  } finally {
    signal?.removeEventListener("abort", stop)
    stream.destroy()
  }
  return Buffer.concat(chunks)
}
