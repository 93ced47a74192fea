/** Bytes of which some runs are compressed with zstd, each by itself. */
export interface PartlyPacked {
  readonly bytes: Uint8Array
  /** Of each compressed run, in turn: its start, its end, and how many bytes it opens to. */
  readonly runs: readonly number[]
  /** Bytes there are when all is opened. */
  readonly length: number
}

/** All of it as it was: the same array where nothing is compressed. Throws on runs that are damaged. */
export function opened({ bytes, runs, length }: PartlyPacked): Uint8Array {
  if (runs.length === 0) return bytes
  const whole = new Uint8Array(length)
  let at = 0
  let plain = 0
  for (let index = 0; index < runs.length; index += 3) {
    const start = runs[index] ?? 0
    const end = runs[index + 1] ?? 0
    whole.set(bytes.subarray(plain, start), at)
    const run = Bun.zstdDecompressSync(bytes.subarray(start, end) as Uint8Array<ArrayBuffer>)
    whole.set(run, at + start - plain)
    at += start - plain + run.length
    plain = end
  }
  whole.set(bytes.subarray(plain), at)
  return whole
}
