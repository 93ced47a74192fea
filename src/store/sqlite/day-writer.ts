import { existsSync, mkdirSync } from "node:fs"
import { codeOf, isFull, isUnusable, type Opened, openForWriting, setAside } from "./database.ts"
import { type Day, dayOf, payloadFile, recordFile, rollupFile, sweep } from "./day-files.ts"
import type { Entry } from "./entry.ts"
import type { Limits } from "./messages.ts"
import type { FileKind } from "./schema.ts"
import { payloadWriter } from "./write-payloads.ts"
import { recordWriter } from "./write-records.ts"
import { rollupWriter } from "./write-rollups.ts"

/** One batch on its way to disk; what is done stays done when the rest is tried again. */
export interface Pending {
  readonly entries: readonly Entry[]
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
  readonly write: (entries: readonly Entry[]) => void
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
  const part = (pending: Pending, path: string, kind: FileKind, entries: readonly Entry[]) => {
    if (pending.done.has(path)) return
    try {
      sink(path, kind).write(entries)
    } catch (problem) {
      close(path)
      if (isUnusable(problem)) setAside(path, Date.now())
      if (kind !== "payloads" || !isFull(codeOf(problem))) throw problem
      pending.loss = `payloads not kept: ${problem instanceof Error ? problem.message : codeOf(problem)}`
    }
    pending.done.add(path)
  }

  return {
    write(pending) {
      if (Date.now() - sweptAt > sweepMs) {
        sweptAt = Date.now()
        for (const path of sweep(directory, limits, sweptAt)) close(path)
      }
      for (const [day, entries] of byDay(pending.entries)) {
        const withPayloads = entries.filter((entry) => entry.payloads.length > 0)
        if (withPayloads.length > 0) part(pending, payloadFile(directory, day), "payloads", withPayloads)
        part(pending, recordFile(directory, day), "records", entries)
      }
      part(pending, rollupFile(directory), "rollups", pending.entries)
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

function byDay(entries: readonly Entry[]): Map<Day, Entry[]> {
  const days = new Map<Day, Entry[]>()
  for (const entry of entries) {
    const day = dayOf(entry.record.at)
    const list = days.get(day)
    if (list) list.push(entry)
    else days.set(day, [entry])
  }
  return days
}
