import { REDACTED, redactText } from "./redact.ts"

export interface SecretBox {
  /** Remembers a secret until the returned function is called; one known twice is forgotten when both are. */
  add(secret: string): () => void
  /** Takes out every known secret, also where it is escaped for a URL or JSON, and then whatever looks like one. */
  redact(text: string): string
  /** Takes out every known secret and nothing else: for texts that are to stay as they are, such as conversations. */
  redactKnown(text: string): string
  /** Every known secret as it may stand in a text, longest first; the same array until one is added or forgotten. */
  spellings(): readonly string[]
  size(): number
}

/** In characters; shorter values would blank ordinary words. */
export const shortestKnown = 8

/** The registry of secret values in use. Its owner adds and forgets them as configurations come and go. */
export function secretBox(): SecretBox {
  const known = new Map<string, number>()
  let spelled: readonly string[] | undefined
  let pattern: RegExp | undefined

  function spellings(): readonly string[] {
    spelled ??= [
      ...new Set(
        [...known.keys()].flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]),
      ),
    ].sort((a, b) => b.length - a.length)
    return spelled
  }

  function redactKnown(text: string): string {
    if (known.size === 0) return text
    // Alternatives are tried in order, so a secret that begins another has to come after it.
    pattern ??= new RegExp(
      spellings()
        .map((spelling) => RegExp.escape(spelling))
        .join("|"),
      "g",
    )
    return text.replace(pattern, REDACTED)
  }

  function changed(): void {
    spelled = undefined
    pattern = undefined
  }

  function forget(secret: string): void {
    const uses = known.get(secret) ?? 0
    if (uses > 1) known.set(secret, uses - 1)
    else known.delete(secret)
    changed()
  }

  return {
    add(given) {
      const secret = given.toWellFormed()
      if (secret.length < shortestKnown) return () => {}
      known.set(secret, (known.get(secret) ?? 0) + 1)
      changed()
      let added = true
      return () => {
        if (added) forget(secret)
        added = false
      }
    },
    redact: (text) => redactText(redactKnown(text)),
    redactKnown,
    spellings,
    size: () => known.size,
  }
}
