import { distance } from "fastest-levenshtein"

export interface NearestOptions {
  /** At most this many names; 3 if not given. */
  readonly max?: number
  /** Edits that still count as near; a third of the name's length if not given, at least 2. */
  readonly threshold?: number
}

/** The names closest to the one given, nearest first, ignoring case: for "did you mean". */
export function nearest(name: string, candidates: Iterable<string>, { max = 3, threshold }: NearestOptions = {}): string[] {
  const limit = threshold ?? Math.max(2, Math.floor(name.length / 3))
  const wanted = name.toLowerCase()
  const near: { candidate: string; edits: number }[] = []
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > limit) continue
    const edits = distance(wanted, candidate.toLowerCase())
    if (edits <= limit) near.push({ candidate, edits })
  }
  near.sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1))
  return near.slice(0, max).map(({ candidate }) => candidate)
}
