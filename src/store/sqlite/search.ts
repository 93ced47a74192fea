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

export interface WordSearch {
  /** False for a text, of one record or of many, in which no record can hold every word. */
  among(text: string): boolean
  /** Whether a record, as JSON, holds every word in one of the texts that lists show. */
  in(json: string): boolean
}

/** There is no index: records are taken apart where their own text holds the words, and it is for the caller to bound the rows. */
export function wordSearch(words: readonly string[]): WordSearch {
  const lowered = words.map(lowerAscii)
  const written = words.map((word) => new RegExp(JSON.stringify(word).slice(1, -1).replace(special, "\\$&"), "i"))
  const among = (text: string) => written.every((word) => word.test(text))
  return {
    among,
    in(json) {
      if (!among(json)) return false
      const texts = shown(JSON.parse(json) as CallRecord).filter((text) => text !== undefined)
      const text = lowerAscii(texts.join(separator))
      return lowered.every((word) => text.includes(word))
    },
  }
}

const special = /[\\^$.*+?()[\]{}|/-]/g

/** Letters of other alphabets match as they are written. */
const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
