import { nearest } from "../lib/nearest.ts"

/** The known name that somebody most likely meant; nothing when none is close. Short names have to be closer. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.slice(0, 64)
  return nearest(wanted, known, { max: 1, threshold: Math.max(1, Math.ceil(wanted.length / 3)) })[0]
}
