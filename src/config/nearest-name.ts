import { distance } from "fastest-levenshtein"

/** The known name that somebody most likely meant; nothing when none is close. Case, dashes and underscores do not count. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = fold(name.slice(0, 64))
  let best: string | undefined
  let least = Math.max(1, Math.ceil(wanted.length / 3)) + 1
  for (const candidate of known) {
    const gap = distance(wanted, fold(candidate))
    if (gap < least) {
      least = gap
      best = candidate
    }
  }
  return best
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ .]/g, "")
}
