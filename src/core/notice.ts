import type { Place } from "./node.ts"

/** A named loss or adaptation that the caller, the log and the metrics see. `path` is in hub terms from the root, which it does not name, `[*]` for indices; it is told in the words of the wire. */
export interface Notice {
  readonly code: NoticeCode
  readonly path: string
  readonly effect: "adapted" | "dropped" | "refused"
  readonly side: Place
  readonly count: number
}

const noticeCodes = [
  "field-unsupported",
  "field-adapted",
  "block-unsupported",
  "block-adapted",
  "event-unsupported",
  "tool-unsupported",
  "tool-adapted",
  "tool-choice-unsupported",
  "tool-name-adapted",
  "tool-id-adapted",
  "secret-shared",
  "cache-unsupported",
  "seal-foreign",
  "seal-stale",
  "reasoning-unsigned",
  "origin-lost",
  "media-unsupported",
  "message-order-adapted",
  "message-role-adapted",
  "output-limit-defaulted",
  "candidates-unsupported",
  "citation-unsupported",
  "logprobs-unsupported",
  "usage-missing",
  "usage-unexplained",
  "stop-adapted",
  "interleaving-adapted",
  "emulated",
  "pin-unsupported",
  "plugin-skipped",
  "fallback-left-out",
] as const
export type NoticeCode = (typeof noticeCodes)[number]

/** Raises a notice. Callable many times for one code and path: they are counted, not repeated. */
export type Note = (notice: Omit<Notice, "count">) => void

const limit = 64

export interface NoticeBook {
  readonly note: Note
  list(): readonly Notice[]
}

/** Collects notices, one for each code, path and side, at most 64 of them; further ones are left out. */
export function notices(): NoticeBook {
  let held: Map<string, { notice: Omit<Notice, "count">; count: number }> | undefined
  return {
    note(given) {
      held ??= new Map()
      const notice = { ...given, path: given.path.replace(root, "") }
      const key = `${notice.side}:${notice.code}:${notice.path}`
      const seen = held.get(key)
      if (seen) seen.count += 1
      else if (held.size < limit) held.set(key, { notice, count: 1 })
    },
    list: () => (held ? [...held.values()].map(({ notice, count }) => ({ ...notice, count })) : none),
  }
}

/** Encoders of the root node may name it in a path; `side` says it already. */
const root = /^(request|response)\./

const none: readonly Notice[] = []
