import { ownMark } from "./seal.ts"

const marks = { call: "gtc", message: "gtm", item: "gti", response: "gtr" } as const

/** A derived id: the same for the same seed and position, recognisable, legal in every vendor's charset (`[A-Za-z0-9_-]`, 22 characters). */
export function deriveId(kind: keyof typeof marks, seed: string, ...position: readonly (string | number)[]): string {
  const hash = Bun.hash
    .xxHash64(`${seed}\u0000${position.join("\u0000")}`)
    .toString(36)
    .padStart(13, "0")
  return `${marks[kind]}_${hash}`
}

/** True for an id this gateway made, which a vendor that checks its own ids must not see. */
export const isDerivedId = (id: string): boolean => /^gt[cmir]_[0-9a-z]{13}$/.test(id)

/**
 * The id under which a caller is shown what a tool of another vendor's did: never to be sent to a vendor, the caller's own included. It says nothing
 * itself; what the tool's vendor wants back is in a seal.
 */
export const shownId = (prefix: string, id: string): string => `${prefix}${shownMark}${deriveId("call", "shown", id).slice(4)}`
export const isShownId = (id: string): boolean => id.includes(shownMark)
const shownMark = `${ownMark}_`

/** The id of a tool call in a history that came without ids: made from what was called and how many equal calls came before. */
export const historyCallId = (name: string, input: string, equalBefore: number): string =>
  deriveId("call", "history", name, input, equalBefore)
