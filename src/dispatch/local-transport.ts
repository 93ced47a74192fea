import type { LocalAnswer } from "../core/provider.ts"
import type { Transport } from "../core/registry.ts"
import { keptOf } from "../lib/edited-bytes.ts"
import { fetchSending } from "./transport.ts"

/** The way to a provider that answers within this process. */
export const localTransport = (answer: LocalAnswer): Transport => ({
  send: (url, { body }) => fetchSending((signal) => answer(url, { body: body ? keptOf(body) : new Uint8Array(0), signal })),
  close: () => {},
})
