/** The beginning of a stream of bytes, in one piece of memory. */
export interface KeptBytes {
  /** Copies as much of the piece as the limit still allows. */
  add(piece: Uint8Array): void
  /** What was kept, without a copy; nothing may be added afterwards. */
  bytes(): Uint8Array
  /** Frees the memory at once: a collection may be long in coming. What `bytes` gave is empty then. */
  release(): void
}

const firstSize = 2_048

/** At most `limit` bytes. Thousands of small arrays held one by one take several times the memory of what they hold. */
export function keptBytes(limit: number): KeptBytes {
  let buffer: Uint8Array<ArrayBuffer> | undefined
  let size = 0

  function room(wanted: number): Uint8Array {
    if (buffer && buffer.length >= wanted) return buffer
    const length = Math.min(limit, Math.max(firstSize, wanted, (buffer?.length ?? 0) * 2))
    // Moved, not copied: what a thousand streams have outgrown would wait for a collection.
    buffer = buffer ? new Uint8Array(buffer.buffer.transfer(length)) : new Uint8Array(length)
    return buffer
  }

  return {
    add(piece) {
      const taken = Math.min(piece.length, limit - size)
      if (taken <= 0) return
      room(size + taken).set(taken === piece.length ? piece : piece.subarray(0, taken), size)
      size += taken
    },
    bytes: () => buffer?.subarray(0, size) ?? new Uint8Array(0),
    release() {
      buffer?.buffer.transfer(0)
      buffer = undefined
      size = 0
    },
  }
}
