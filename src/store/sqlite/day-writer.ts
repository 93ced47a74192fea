import { mkdirSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { codeOf, isFull, isPassing, isTaken, type Opened, openForWriting, worded } from "./database.ts"
import { dayOf, payloadFile, recordFile, rollupFile, sweep } from "./day-files.ts"
import { type DayPart, nextBlock } from "./entry.ts"
import { mend } from "./mend.ts"
import type { Limits } from "./messages.ts"
import { ownFile } from "./own-file.ts"
import { retentionClock } from "./retention-clock.ts"
import type { FileKind } from "./schema.ts"
import { payloadWriter } from "./write-payloads.ts"
import { recordWriter } from "./write-records.ts"
import { rollupWriter } from "./write-rollups.ts"

/** One batch on its way to disk; what is done stays done when the rest is tried again. */
export interface Pending {
  readonly parts: readonly DayPart[]
  readonly done: Set<string>
  /** When it came, by the clock of `performance.now()`. */
  readonly since: number
  /** Calls that were given up. */
  lost: number
  /** Why something was given up, such as payloads for which there is no room. */
  loss?: string
}

export interface DayWriter {
  /**
   * Throws what may end by itself, such as a lock or a full disk: call again with the same value later. What else cannot be written is given up,
   * and nothing but that.
   */
  write(pending: Pending): void
  /** Deletes what is too old or too much. Writing does so now and then. */
  sweep(): void
  close(): void
}

const openFiles = 6
const sweepMs = 60_000
const share = { records: 0.25, payloads: 0.7, rollups: 0.05 } as const
const kinds = ["payloads", "records", "rollups"] as const
/** How often one batch may have one of its files mended. */
const mostMends = 3
/** How long records wait for their payloads, and sums for a file, where those cannot be written. */
const extrasMs = 5_000
/** How long records of a day that is over may hold up those of today. */
const lateMs = 300_000
/** What a row takes up beside its text, at most. */
const rowBytes = 1_024
const spareBytes = 65_536

interface Sink {
  readonly file: Opened
  /** By this it is known again when another process has put another file in its place. */
  readonly inode: number | undefined
  readonly write: (part: DayPart) => void
}

/** Spreads batches over day files. Files are opened when needed, and again after trouble or when they vanish; `tell` hears of trouble that was mended. */
export function dayWriter(directory: string, limits: Limits, tell: (trouble: string) => void): DayWriter {
  const sinks = new Map<string, Sink>()
  const now = retentionClock(Date.now, () => performance.now())
  let sweptAt = Number.NEGATIVE_INFINITY

  const close = (path: string) => {
    sinks.get(path)?.file.close()
    sinks.delete(path)
  }
  const sink = (path: string, kind: FileKind): Sink => {
    const held = sinks.get(path)
    if (held && held.inode !== undefined && held.inode === inodeOf(path)) return held
    close(path)
    for (const oldest of sinks.keys()) if (sinks.size >= openFiles) close(oldest)
    mkdirSync(directory, { recursive: true })
    const file = openForWriting(path, kind, limits.maxBytes * share[kind])
    const made = { file, inode: inodeOf(path), write: writerOf[kind](file) }
    sinks.set(path, made)
    return made
  }
  /** Makes the way free for another try after a problem; false when there is none. */
  const helped = (path: string, kind: FileKind, problem: unknown, held: Sink | undefined): boolean => {
    if (held && held.inode !== inodeOf(path)) return true
    const mended = mend(path, kind, problem, limits.maxBytes * share[kind])
    if (mended !== undefined) tell(mended)
    return mended !== undefined
  }
  const put = (pending: Pending, kind: FileKind, part: DayPart) => {
    if (pending.done.has(stepOf(kind, part)) || (kind === "payloads" && part.payloads.length === 0)) return
    for (let mends = 0; ; mends++) {
      const path = ownFile(nameOf[kind](directory, part.day), kind)
      try {
        sink(path, kind).write(part)
        break
      } catch (problem) {
        const held = sinks.get(path)
        const bound = isFull(codeOf(problem)) && held?.file.isAtBound(sizeOf(part)) === true
        close(path)
        if (mends < mostMends && isTaken(codeOf(problem))) rename(pending, kind, part)
        else if (mends < mostMends && helped(path, kind, problem, held)) continue
        else if (!bound && waits(problem, kind, part, pending)) throw new Error(told(problem, path), { cause: problem })
        else {
          giveUp(pending, kind, part, told(problem, path))
          break
        }
      }
    }
    pending.done.add(stepOf(kind, part))
  }
  /** Payloads are found by the name of their records' block. */
  const rename = (pending: Pending, kind: FileKind, part: DayPart) => {
    part.block = nextBlock()
    if (kind === "records") put(pending, "payloads", part)
  }

  const sweepAll = () => {
    sweptAt = performance.now()
    for (const path of sweep(directory, limits, now())) close(path)
  }

  return {
    write(pending) {
      if (performance.now() - sweptAt > sweepMs) sweepAll()
      for (const part of pending.parts) for (const kind of kinds) put(pending, kind, part)
    },
    sweep: sweepAll,
    close() {
      for (const [path, { file }] of [...sinks]) {
        file.checkpoint()
        close(path)
      }
    },
  }
}

const writerOf = { records: recordWriter, payloads: payloadWriter, rollups: rollupWriter } as const
const nameOf = { records: recordFile, payloads: payloadFile, rollups: rollupFile } as const

const stepOf = (kind: FileKind, { block }: DayPart): string => `${kind} ${block}`
const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino
const sizeOf = ({ text, payloads, rows }: DayPart): number => text.length + payloads.length + rows.length * rowBytes + spareBytes

/** Whether what could not be written is to be tried again: not for ever, where that holds up what could be written. */
function waits(problem: unknown, kind: FileKind, { day }: DayPart, { since }: Pending): boolean {
  const code = codeOf(problem)
  if (!isPassing(code) || (kind === "payloads" && isFull(code))) return false
  const waited = performance.now() - since
  return waited < (kind === "records" ? lateMs : extrasMs) || (kind === "records" && day >= dayOf(Date.now()))
}

/** What went wrong, and with which file: SQLite does not say. */
function told(problem: unknown, path: string): string {
  const text = worded(problem)
  return text.includes(dirname(path)) ? text : `${text} (${path})`
}

function giveUp(pending: Pending, kind: FileKind, { rows }: DayPart, why: string): void {
  if (kind === "records") pending.lost += rows.length
  const what = { records: "calls", payloads: "payloads", rollups: "sums" }[kind]
  if (pending.loss === undefined || kind === "records") pending.loss = `${what} not kept: ${why}`
}
