import type { Excuse } from "./wire.ts"

/** What fails today, by wire. An entry that holds fails the run. */
export const known: Readonly<Record<string, readonly Excuse[]>> = {}

/** Where a law does not apply, by wire. */
export const skip: Readonly<Record<string, readonly Excuse[]>> = {
  "openai-responses": [
    {
      title: "L4 fold: a stream folds to what its closing frame repeats: recorded stream ag-stream-image",
      reason: "the recording's item.done frame was shortened by hand, its closing frame was not",
    },
    {
      title: "L4 fold: a stream folds to what its closing frame repeats: recorded stream programmatic-tool-calling.1",
      reason: "the vendor makes a new fingerprint each time it repeats the item",
    },
  ],
}
