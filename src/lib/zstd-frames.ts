const FRAME = 0xfd2fb528
const SKIPPABLE = 0x184d2a50

/**
 * Whether the bytes are whole Zstandard frames (RFC 8878 §3.1) and nothing else, judged by their headers: the decompressor takes the end of
 * its input for the end of the data.
 */
export function isWholeZstd(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  while (at >= 0 && at + 8 <= bytes.length) {
    const magic = view.getUint32(at, true)
    if (magic === FRAME) at = frameEnd(bytes, at + 4)
    else if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) at += 8 + view.getUint32(at + 4, true)
    else return false
  }
  return at > 0 && at === bytes.length
}

/** The offset after the frame whose header follows its magic number at `start`, or -1 if it is cut off. */
function frameEnd(bytes: Uint8Array, start: number): number {
  const descriptor = bytes[start] ?? 0
  const single = (descriptor >> 5) & 1
  const windowBytes = 1 - single
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  const sizeBytes = [single, 2, 4, 8][descriptor >> 6] ?? 0
  let at = start + 1 + windowBytes + dictionaryBytes + sizeBytes
  for (;;) {
    if (at + 3 > bytes.length) return -1
    const header = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)
    const repeated = ((header >> 1) & 3) === 1
    at += 3 + (repeated ? 1 : header >> 3)
    if (header & 1) break
  }
  const checksumBytes = descriptor & 4
  return at + checksumBytes <= bytes.length ? at + checksumBytes : -1
}
