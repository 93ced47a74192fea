/** The beginning of a stream of bytes, in one piece of memory. */
export interface KeptBytes {
  /** Copies as much of the piece as the limit still allows. */
  add(piece: Uint8Array): void
  /** What was kept, without a copy; nothing may be added afterwards. */
  bytes(): Uint8Array
  /** Frees the memory at once: a collection may be long in coming. What `bytes` gave is empty then. */
  release(): void
}

const smallest = 2_048
const largestFirst = 16_384
/** What the last one came to: the next is likely to, and begins with that much, for each time that one grows costs as much as ten pieces. */
let usual = smallest

/** At most `limit` bytes. Thousands of small arrays held one by one take several times the memory of what they hold. */
export const keptBytes = (limit: number): KeptBytes => new OnePiece(limit)

class OnePiece implements KeptBytes {
  private buffer = new Uint8Array(0)
  private size = 0

  constructor(private readonly limit: number) {}

  add(piece: Uint8Array): void {
    const taken = Math.min(piece.length, this.limit - this.size)
    if (taken <= 0) return
    if (this.size + taken > this.buffer.length) this.grow(this.size + taken)
    this.buffer.set(taken === piece.length ? piece : piece.subarray(0, taken), this.size)
    this.size += taken
  }

  bytes(): Uint8Array {
    usual = Math.min(largestFirst, Math.max(smallest, this.size + (this.size >> 2)))
    return this.buffer.subarray(0, this.size)
  }

  release(): void {
    this.buffer.buffer.transfer(0)
    this.buffer = new Uint8Array(0)
    this.size = 0
  }

  private grow(wanted: number): void {
    const length = Math.min(this.limit, Math.max(usual, wanted, this.buffer.length * 2))
    // Moved, not copied: what a thousand streams have outgrown would wait for a collection.
    this.buffer = new Uint8Array(this.buffer.buffer.transfer(length))
  }
}
