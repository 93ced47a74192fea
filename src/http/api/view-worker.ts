import { readPayload } from "../../dialects/read-payload.ts"
import { answering } from "../../lib/answering.ts"
import { byteMask } from "../../lib/mask-bytes.ts"
import { secretBox, shortestKnown } from "../../lib/secret-box.ts"
import { type EntryReading, entryJson } from "./log-entry.ts"
import type { ViewAsk } from "./view-link.ts"

declare const self: Worker

const encoder = new TextEncoder()
let known: readonly string[] = []
let reading = readingWithout(known)

answering<ViewAsk, Uint8Array<ArrayBuffer>>(self, {
  answer({ entry, secrets }) {
    if (!Bun.deepEquals(secrets, known)) {
      reading = readingWithout(secrets)
      known = secrets
    }
    return encoder.encode(entryJson(entry, reading))
  },
  transfer: ({ buffer }) => [buffer],
})

function readingWithout(secrets: readonly string[]): EntryReading {
  const box = secretBox()
  for (const secret of secrets) box.add(secret)
  return { decode: readPayload, redact: box.redactKnown, mask: byteMask(secrets, shortestKnown) }
}
