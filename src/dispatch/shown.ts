import { keptOf } from "../lib/edited-bytes.ts"
import type { Arrived } from "../lib/http1/answer.ts"
import type { Feed } from "./feed.ts"
import type { Flow } from "./flow.ts"
import type { Try } from "./try.ts"

/** Beyond this the caller is shown what a streamed answer began with. */
const shownLimit = 8 * 1024 * 1024

/** At commit: leaves the bodies of both sides for the caller where they are to be shown. `answer` tells as much as has come. */
export function showRaw({ shown, call, plan }: Try, answer: () => Uint8Array): void {
  if (!shown.request && !shown.response) return
  call.trail.raw = { ...(shown.request ? { request: keptOf(plan.body) } : {}), ...(shown.response ? { response: answer } : {}) }
}

/** The same for a streamed answer. */
export const showStream = (trying: Try, { source }: Flow): void => showRaw(trying, () => source.said?.() ?? nothing)

const nothing = new Uint8Array(0)

/** Keeps what a feed brings, if the caller is to be shown it. */
export const shownFeed = ({ shown }: Try, source: Feed): Feed => (shown.response ? new ShownFeed(source) : source)

class ShownFeed implements Feed {
  private readonly pieces: Uint8Array[] = []
  private size = 0

  constructor(private readonly source: Feed) {}

  async read(): Promise<Arrived> {
    const arrived = await this.source.read()
    // a copy: the memory of a chunk is its reader's
    if (arrived.value) this.keep(arrived.value.slice(0, shownLimit - this.size))
    return arrived
  }

  said(): Uint8Array {
    return Buffer.concat(this.pieces)
  }

  wasQuiet(): boolean {
    return this.source.wasQuiet()
  }

  cancel(): void {
    this.source.cancel()
  }

  private keep(piece: Uint8Array): void {
    if (piece.length === 0) return
    this.pieces.push(piece)
    this.size += piece.length
  }
}
