/** One stretch of bytes and the text that takes its place; both may be empty. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** From this size on a copy costs more than it is worth. */
export const largeBytes = 16 * 1024
/** What may be rewritten around the longest stretch that no edit touches. */
const aroundLimit = 64 * 1024

/**
 * A large source with edits, made when somebody asks: a copy that is theirs to keep, or the source itself, changed for as long as one
 * synchronous reader takes. The source has to stay as it was when this was made.
 */
export class EditedBytes {
  readonly length: number
  private made: Uint8Array | undefined

  constructor(
    private readonly source: Uint8Array,
    /** What comes before and after the stretch of the source from `from` to `to`. */
    private readonly before: Uint8Array,
    private readonly from: number,
    private readonly to: number,
    private readonly after: Uint8Array,
  ) {
    this.length = before.length + to - from + after.length
  }

  /** The edited bytes in order, the source's own among them. */
  pieces(): readonly Uint8Array[] {
    return this.made ? [this.made] : [this.before, this.source.subarray(this.from, this.to), this.after]
  }

  /** The same copy each time. */
  bytes(): Uint8Array {
    this.made ??= this.copyInto(new Uint8Array(Buffer.allocUnsafeSlow(this.length).buffer))
    return this.made
  }

  /**
   * What `use` makes of the edited bytes, which are its own only until it returns: it may neither keep nor change them. `fetch` is such a reader,
   * as it copies a body before it returns (https://fetch.spec.whatwg.org/#bodyinit-unions). The source is then as it was before, also when
   * `use` throws.
   */
  lend<T>(use: (bytes: Uint8Array) => T): T {
    const { source, before, from, to, after } = this
    if (this.made) return use(this.made)
    const start = from - before.length
    const end = to + after.length
    if (start < 0 || end > source.length) return this.lendCopy(use)
    const covered = [source.slice(start, from), source.slice(to, end)] as const
    source.set(before, start)
    source.set(after, to)
    try {
      return use(source.subarray(start, end))
    } finally {
      source.set(covered[0], start)
      source.set(covered[1], to)
    }
  }

  /** Given back at once: megabytes that nobody needs would wait for a collection. */
  private lendCopy<T>(use: (bytes: Uint8Array) => T): T {
    const copy = this.copyInto(new Uint8Array(Buffer.allocUnsafeSlow(this.length).buffer))
    try {
      return use(copy)
    } finally {
      copy.buffer.transfer(0)
    }
  }

  private copyInto(target: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const { source, before, from, to, after } = this
    target.set(before)
    target.set(source.subarray(from, to), before.length)
    target.set(after, before.length + to - from)
    return target
  }
}

/** Edits go in the order of the source and do not overlap. A small source is copied at once, and so is one with edits far apart. */
export function editBytes(source: Uint8Array, edits: readonly Edit[]): Uint8Array | EditedBytes {
  if (edits.length === 0) return source
  const pieces: Uint8Array[] = []
  let from = 0
  let longest = 0
  for (const { start, end, text } of edits) {
    pieces.push(source.subarray(from, start), Buffer.from(text))
    if (sizeAt(pieces, pieces.length - 2) > sizeAt(pieces, longest)) longest = pieces.length - 2
    from = end
  }
  pieces.push(source.subarray(from))
  if (sizeAt(pieces, pieces.length - 1) > sizeAt(pieces, longest)) longest = pieces.length - 1
  const kept = pieces[longest]
  const total = pieces.reduce((sum, { length }) => sum + length, 0)
  if (!kept || source.length < largeBytes || total - kept.length > aroundLimit) return Buffer.concat(pieces, total)
  const start = kept.byteOffset - source.byteOffset
  const [before, after] = [pieces.slice(0, longest), pieces.slice(longest + 1)]
  return new EditedBytes(source, Buffer.concat(before), start, start + kept.length, Buffer.concat(after))
}

const sizeAt = (pieces: readonly Uint8Array[], at: number): number => pieces[at]?.length ?? 0

/** The bytes to keep, edited or not. */
export const keptOf = (bytes: Uint8Array | EditedBytes): Uint8Array => (bytes instanceof EditedBytes ? bytes.bytes() : bytes)

/** The bytes in order, edited or not. */
export const piecesOf = (bytes: Uint8Array | EditedBytes): readonly Uint8Array[] =>
  bytes instanceof EditedBytes ? bytes.pieces() : [bytes]

/** What a synchronous reader makes of the bytes, edited or not. */
export const lendTo = <T>(bytes: Uint8Array | EditedBytes, use: (bytes: Uint8Array) => T): T =>
  bytes instanceof EditedBytes ? bytes.lend(use) : use(bytes)
