import type { PartlyPacked } from "./partly-packed.ts"

/** The beginning of a stream of bytes, in one piece of memory. */
export interface KeptBytes {
  /** Copies as much of the piece as the limit still allows. */
  add(piece: Uint8Array): void
  /** What was kept, without a copy; nothing may be added afterwards. */
  kept(): PartlyPacked
  /** Frees the memory at once: a collection may be long in coming. What `kept` gave is empty then. */
  release(): void
}

/** What all that keep something hold together. */
export interface Holding {
  /** Bytes of memory at present. */
  held: number
  /** From here on what is kept is compressed as it comes, which costs more time than keeping it and takes a tenth of the memory. */
  readonly roomy: number
}

const everyone: Holding = { held: 0, roomy: 4 * 1024 * 1024 }

const smallest = 2_048
const largestFirst = 16_384
/** What the last one came to: the next is likely to, and begins with that much, for each time that one grows costs as much as ten pieces. */
let usual = smallest

/** Bytes worth compressing: of less, little would be saved. */
const packable = 4_096
const level = 1

/** At most `limit` bytes. Thousands of small arrays held one by one take several times the memory of what they hold. */
export const keptBytes = (limit: number, holding: Holding = everyone): KeptBytes => new OnePiece(limit, holding)

class OnePiece implements KeptBytes {
  private buffer = new Uint8Array(0)
  private used = 0
  /** Where the compressed runs end, one behind the other. */
  private packed = 0
  private readonly runs: number[] = []
  /** Bytes that were taken in. */
  private length = 0
  /** This one's share of what is held. */
  private counted = 0

  constructor(
    private readonly limit: number,
    private readonly holding: Holding,
  ) {}

  add(piece: Uint8Array): void {
    const taken = Math.min(piece.length, this.limit - this.length)
    if (taken <= 0) return
    if (this.used + taken > this.buffer.length) this.makeRoom(taken)
    this.buffer.set(taken === piece.length ? piece : piece.subarray(0, taken), this.used)
    this.used += taken
    this.length += taken
  }

  kept(): PartlyPacked {
    const { buffer, used, runs, length, holding } = this
    if (runs.length === 0) usual = Math.min(largestFirst, Math.max(smallest, used + (used >> 2)))
    holding.held -= this.counted
    this.counted = 0
    return { bytes: buffer.subarray(0, used), runs, length }
  }

  release(): void {
    this.buffer.buffer.transfer(0)
  }

  private makeRoom(wanted: number): void {
    const { holding } = this
    const crowded = holding.held > holding.roomy
    if (crowded && this.used - this.packed >= packable) this.pack()
    const needed = this.used + wanted
    const most = this.used + this.limit - this.length
    if (!crowded) this.resize(Math.min(most, Math.max(usual, needed, this.buffer.length * 2)))
    else if (needed > this.buffer.length || this.buffer.length > needed + 2 * packable)
      this.resize(Math.min(most, Math.max(needed, this.packed + Math.max(packable, this.packed >> 2))))
  }

  /** Compresses what is not compressed yet. */
  private pack(): void {
    const { buffer, packed, used } = this
    const run = Bun.zstdCompressSync(buffer.subarray(packed, used), { level })
    if (run.length < used - packed) {
      buffer.set(run, packed)
      this.packed += run.length
      this.runs.push(packed, this.packed, used - packed)
      this.used = this.packed
    } else this.packed = used
    ;(run.buffer as ArrayBuffer).transfer(0)
  }

  private resize(length: number): void {
    this.holding.held += length - this.counted
    this.counted = length
    // Moved, not copied: what a thousand streams have outgrown would wait for a collection.
    this.buffer = new Uint8Array(this.buffer.buffer.transfer(length))
  }
}
