import type { CallRecord } from "../../core/record.ts"

/** What lists show of a call. */
const shown = (record: CallRecord): readonly (string | number | undefined)[] => [
  record.id,
  record.requestedModel,
  record.provider,
  record.model,
  record.keyName,
  record.caller,
  record.sessionId,
  record.dialect,
  record.status,
  record.error?.kind,
  record.error?.message,
]

const separator = "\n"

/**
 * Whether a record, as JSON, holds every word in one of the texts that lists show. Its own text is looked at first, so that few records are
 * taken apart; there is no index, and it is for the caller to bound the rows.
 */
export function wordSearch(words: readonly string[]): (json: string) => boolean {
  const lowered = words.map(lowerAscii)
  const escaped = lowered.map((word) => lowerAscii(JSON.stringify(word).slice(1, -1)))
  return (json) => {
    const record = lowerAscii(json)
    for (const word of escaped) if (!record.includes(word)) return false
    const texts = shown(JSON.parse(json) as CallRecord).filter((text) => text !== undefined)
    const text = lowerAscii(texts.join(separator))
    return lowered.every((word) => text.includes(word))
  }
}

/** Letters of other alphabets match as they are written. */
const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
