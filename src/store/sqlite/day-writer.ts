import { existsSync, mkdirSync } from "node:fs"
import { codeOf, isFull, isUnusable, NewerFile, type Opened, openForWriting, setAside } from "./database.ts"
import { payloadFile, recordFile, rollupFile, sweep } from "./day-files.ts"
import type { DayPart } from "./entry.ts"
import type { Limits } from "./messages.ts"
import { beginBeside, ownFile } from "./own-file.ts"
import type { FileKind } from "./schema.ts"
import { payloadWriter } from "./write-payloads.ts"
import { recordWriter } from "./write-records.ts"
import { rollupWriter } from "./write-rollups.ts"

/** One batch on its way to disk; what is done stays done when the rest is tried again. */
export interface Pending {
  readonly parts: readonly DayPart[]
  readonly done: Set<string>
  /** Something that was given up on the way, such as payloads for which there is no room. */
  loss?: string
}

export interface DayWriter {
  /** Throws SQLite's error when something could not be written; call again with the same value later. */
  write(pending: Pending): void
  close(): void
}

const openFiles = 6
const sweepMs = 60_000
const share = { records: 0.25, payloads: 0.7, rollups: 0.05 } as const

interface Sink {
  readonly file: Opened
  readonly write: (part: DayPart) => void
}

/** Spreads batches over day files. Files are opened when needed, and again after trouble or when they vanish. */
export function dayWriter(directory: string, limits: Limits): DayWriter {
  const sinks = new Map<string, Sink>()
  let sweptAt = 0

  const close = (path: string) => {
    sinks.get(path)?.file.close()
    sinks.delete(path)
  }
  const sink = (path: string, kind: FileKind): Sink => {
    const held = sinks.get(path)
    if (held && existsSync(path)) return held
    close(path)
    for (const oldest of sinks.keys()) if (sinks.size >= openFiles) close(oldest)
    mkdirSync(directory, { recursive: true })
    const file = openForWriting(path, kind, limits.maxBytes * share[kind])
    const made = { file, write: writerOf[kind](file) }
    sinks.set(path, made)
    return made
  }
  const put = (pending: Pending, name: string, kind: FileKind, part: DayPart) => {
    const step = `${kind} ${part.block}`
    if (pending.done.has(step)) return
    const path = ownFile(name, kind)
    try {
      sink(path, kind).write(part)
    } catch (problem) {
      close(path)
      if (problem instanceof NewerFile) throw beginBeside(path, kind, problem, limits.maxBytes * share[kind])
      if (isUnusable(problem)) throw setAside(path, problem, Date.now())
      if (kind !== "payloads" || !isFull(codeOf(problem))) throw problem
      pending.loss = `payloads not kept: ${problem instanceof Error ? problem.message : codeOf(problem)}`
    }
    pending.done.add(step)
  }

  return {
    write(pending) {
      if (Date.now() - sweptAt > sweepMs) {
        sweptAt = Date.now()
        for (const path of sweep(directory, limits, sweptAt)) close(path)
      }
      for (const part of pending.parts) {
        if (part.payloads.length > 0) put(pending, payloadFile(directory, part.day), "payloads", part)
        put(pending, recordFile(directory, part.day), "records", part)
        put(pending, rollupFile(directory), "rollups", part)
      }
    },
    close() {
      for (const [path, { file }] of [...sinks]) {
        file.checkpoint()
        close(path)
      }
    },
  }
}

const writerOf = { records: recordWriter, payloads: payloadWriter, rollups: rollupWriter } as const
