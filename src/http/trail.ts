import type { KeyRef, Target, Trail } from "../core/call.ts"
import { type Note, type Notice, type NoticeBook, notices } from "../core/notice.ts"
import type { Payload, TryRecord } from "../core/record.ts"

const nothing: readonly Notice[] = []

/** What a call leaves behind on its way. Most calls raise no notice, so the books are opened by the first one. */
export class CallTrail implements Trail {
  readonly route: string[] = []
  readonly tries: TryRecord[] = []
  leftOut?: string[]
  waitedMs = 0
  captureLimit = 0
  overheadMs?: number
  capture?: (payload: Payload) => void
  raw?: NonNullable<Trail["raw"]>
  target?: Target
  tried?: Target
  failedTry?: TryRecord | undefined
  lane?: "relay" | "translate"
  key?: KeyRef
  private own: NoticeBook | undefined
  private adopted: { notices(): readonly Notice[] } | undefined

  get note(): Note {
    this.own ??= notices()
    return this.own.note
  }

  notices(): readonly Notice[] {
    const own = this.own?.list() ?? nothing
    const adopted = this.adopted?.notices() ?? nothing
    if (own.length === 0) return adopted
    return adopted.length === 0 ? own : [...own, ...adopted]
  }

  adopt(source: { notices(): readonly Notice[] }): void {
    this.adopted = source
  }
}
