import { Database } from "bun:sqlite"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { LogEntry } from "../../../src/core/record.ts"

const blocks = "CREATE TABLE IF NOT EXISTS blocks (id INTEGER PRIMARY KEY, data BLOB NOT NULL);"

const records = `
  ${blocks}
  CREATE TABLE IF NOT EXISTS calls (
    at INTEGER NOT NULL, id TEXT NOT NULL, block INTEGER NOT NULL, slot INTEGER NOT NULL, ok INTEGER NOT NULL, status INTEGER NOT NULL, provider TEXT,
    model TEXT NOT NULL, key_id TEXT, dialect TEXT NOT NULL, error_kind TEXT, stop TEXT, session_id TEXT, stream INTEGER NOT NULL,
    duration_ms REAL NOT NULL, tokens INTEGER, cost REAL, given INTEGER NOT NULL, PRIMARY KEY (at, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS calls_given ON calls (id) WHERE given = 1;`

const rollups = `
  CREATE TABLE IF NOT EXISTS rollups (
    hour INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, ok INTEGER NOT NULL, calls INTEGER NOT NULL, input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL, cost REAL NOT NULL, unpriced INTEGER NOT NULL, duration_ms REAL NOT NULL, PRIMARY KEY (hour, provider, model, ok)
  ) WITHOUT ROWID;`

function made(path: string, tables: string): Database {
  const file = new Database(path, { create: true })
  file.run("PRAGMA journal_mode = WAL")
  file.run(`${tables} PRAGMA user_version = 3;`)
  return file
}

/** The three files of a day as version 3 of the log wrote them, with successful calls that cost what they cost under one block, and their sums. */
export function writeVersion3(directory: string, day: string, entries: readonly LogEntry[]): void {
  mkdirSync(directory, { recursive: true })
  const block = Date.parse(`${day}T00:00:00Z`) * 1_000
  const lines: string[] = []
  const bodies: Uint8Array[] = []
  const recordFile = made(join(directory, `${day}.db`), records)
  for (const [slot, { record, payloads }] of entries.entries()) {
    const notes = payloads.map(({ side, wire, contentType, size, bytes }) => [side, wire, contentType, size, bytes.length])
    lines.push(JSON.stringify(record), payloads.length === 0 ? "" : JSON.stringify(notes))
    bodies.push(...payloads.map(({ bytes }) => bytes))
    const { at, id, status, provider = null, model = "", keyId = null, dialect, durationMs, cost = null } = record
    const row = [at, id, block, slot, 1, status, provider, model, keyId, dialect, null, "end", null, 0, durationMs, 150, cost, 1]
    recordFile.run(`INSERT INTO calls VALUES (${row.map(() => "?").join(", ")})`, row)
  }
  const packed = (bytes: Uint8Array<ArrayBuffer>) => Bun.zstdCompressSync(bytes, { level: 1 })
  recordFile.run("INSERT INTO blocks VALUES (?, ?)", [block, packed(Buffer.from(`${lines.join("\n")}\n`))])
  recordFile.close()
  const payloadFile = made(join(directory, `${day}.payloads.db`), blocks)
  payloadFile.run("INSERT INTO blocks VALUES (?, ?)", [block, packed(Buffer.concat(bodies))])
  payloadFile.close()
  const sums = made(join(directory, "rollups.db"), rollups)
  const hours = Map.groupBy(entries, ({ record }) => Math.floor(record.at / 3_600_000) * 3_600_000)
  for (const [hour, calls] of hours)
    sums.run("INSERT INTO rollups VALUES (?, 'north', 'model-a', 1, ?, 0, 0, 0, 0, 0)", [hour, calls.length])
  sums.close()
}
