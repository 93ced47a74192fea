import type { Excuse } from "./wire.ts"

/** What fails today, by wire. An entry that holds fails the run. */
export const known: Readonly<Record<string, readonly Excuse[]>> = {}

/** Where a law does not apply, by wire. */
export const skip: Readonly<Record<string, readonly Excuse[]>> = {}
