import { REDACTED, redactText } from "./redact.ts"

export interface SecretBox {
  /** Remembers a secret until the returned function is called; one known twice is forgotten when both are. */
  add(secret: string): () => void
  /** Takes out every known secret, also where it is escaped for a URL or JSON, and then whatever looks like one. */
  redact(text: string): string
  /** Takes out every known secret and nothing else: for texts that are to stay as they are, such as conversations. */
  redactKnown(text: string): string
  size(): number
}

/** Shorter values would blank ordinary words. */
const SHORTEST = 8

/** The registry of secret values in use. Its owner adds and forgets them as configurations come and go. */
export function secretBox(): SecretBox {
  const known = new Map<string, number>()
  let pattern: RegExp | undefined

  function compile(): RegExp | undefined {
    if (known.size === 0) return undefined
    const spellings = new Set(
      [...known.keys()].flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]),
    )
    // Alternatives are tried in order, so a secret that begins another has to come after it.
    const ordered = [...spellings].sort((a, b) => b.length - a.length)
    return new RegExp(ordered.map((spelling) => RegExp.escape(spelling)).join("|"), "g")
  }

  function redactKnown(text: string): string {
    pattern ??= compile()
    return pattern === undefined ? text : text.replace(pattern, REDACTED)
  }

  function forget(secret: string): void {
    const uses = known.get(secret) ?? 0
    if (uses > 1) known.set(secret, uses - 1)
    else known.delete(secret)
    pattern = undefined
  }

  return {
    add(given) {
      const secret = given.toWellFormed()
      if (secret.length < SHORTEST) return () => {}
      known.set(secret, (known.get(secret) ?? 0) + 1)
      pattern = undefined
      let added = true
      return () => {
        if (added) forget(secret)
        added = false
      }
    },
    redact: (text) => redactText(redactKnown(text)),
    redactKnown,
    size: () => known.size,
  }
}
