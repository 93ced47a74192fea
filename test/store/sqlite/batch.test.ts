import { expect, test } from "bun:test"
import { type Batch, buffers, openBatch } from "../../../src/store/sqlite/batch.ts"
import { type DayPart, partsOf } from "../../../src/store/sqlite/entry.ts"
import { sampleEntry, samplePayload } from "../sample.ts"

const noon = Date.UTC(2026, 10, 22, 12)
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

function add(batch: Batch, change: Parameters<typeof sampleEntry>[0], ...bodies: string[]): string {
  const entry = sampleEntry(
    change,
    bodies.map((body) => samplePayload("client-request", body)),
  )
  const json = JSON.stringify(entry.record)
  batch.add(json, entry)
  return json
}

const told = (parts: readonly DayPart[]) => parts.map(({ day, rows }) => [day, rows.map((row) => row[3])])

test("a batch comes apart as it was put together", () => {
  const batch = openBatch(buffers())
  const first = add(batch, { id: "a", path: "/ä\u2028🙂" }, "{}", "é")
  const second = add(batch, { id: "b" })
  expect(batch.entries).toBe(2)
  const message = batch.seal(false)
  const [part, ...others] = partsOf(message)
  expect(others).toEqual([])
  expect(told(part ? [part] : [])).toEqual([["2026-11-22", ["a", "b"]]])
  const notes = JSON.stringify([
    ["client-request", "wire-a", "application/json", 2, 2],
    ["client-request", "wire-a", "application/json", 2, 2],
  ])
  expect(text(part?.text ?? new Uint8Array())).toBe(`${first}\n${notes}\n${second}\n\n`)
  expect(text(part?.payloads ?? new Uint8Array())).toBe("{}é")
  expect(message.weight).toBe(message.textBytes + message.payloadBytes)
})

test("calls of two days come apart by day, each with its own text and payloads", () => {
  const batch = openBatch(buffers())
  const midnight = Date.UTC(2026, 10, 22)
  const before = add(batch, { id: "before", at: midnight - 1 }, "one")
  add(batch, { id: "after", at: midnight }, "two")
  const again = add(batch, { id: "again", at: midnight - 2 }, "three")
  const parts = partsOf(batch.seal(false))
  expect(told(parts)).toEqual([
    ["2026-11-21", ["before", "again"]],
    ["2026-11-22", ["after"]],
  ])
  expect(parts.map(({ payloads }) => text(payloads))).toEqual(["onethree", "two"])
  expect(text(parts[0]?.text ?? new Uint8Array())).toContain(before)
  expect(text(parts[0]?.text ?? new Uint8Array())).toContain(again)
  expect(new Set(parts.map(({ block }) => block)).size).toBe(2)
})

test("a batch takes entries of any size", () => {
  const batch = openBatch(buffers())
  const long = "ü".repeat(300_000)
  add(batch, { at: noon, path: long }, long)
  add(batch, { at: noon }, "small")
  const [part] = partsOf(batch.seal(false))
  expect(text(part?.payloads ?? new Uint8Array())).toBe(`${long}small`)
  expect(text(part?.text ?? new Uint8Array())).toContain(`"path":"${long}"`)
})

test("an entry that cannot be taken in leaves nothing behind that would shift the others", () => {
  const batch = openBatch(buffers())
  const first = add(batch, { id: "a" }, "one")
  const bytes = new Uint8Array(5)
  bytes.buffer.transfer()
  const broken = sampleEntry({ id: "b" }, [
    samplePayload("client-request", "two"),
    { ...samplePayload("client-request", ""), bytes },
  ])
  expect(() => batch.add(JSON.stringify(broken.record), broken)).toThrow()
  const last = add(batch, { id: "c" })
  const [part] = partsOf(batch.seal(false))
  expect(part?.rows.map((row) => row[3])).toEqual(["a", "c"])
  expect(
    text(part?.text ?? new Uint8Array())
      .split("\n")
      .filter((line) => line.startsWith("{")),
  ).toEqual([first, last])
  expect(text(part?.payloads ?? new Uint8Array())).toBe("one")
})

test("what waits for the writer is not much larger than it weighs, and buffers are used again", () => {
  const pool = buffers()
  const large = new ArrayBuffer(1024 * 1024)
  const other = new ArrayBuffer(1024 * 1024)
  pool.giveBack(large)
  pool.giveBack(other)
  const batch = openBatch(pool)
  add(batch, {}, "x")
  const { texts, payloads, weight } = batch.seal(true)
  expect(texts.byteLength + payloads.byteLength).toBeLessThanOrEqual(4 * weight)
  expect(new Set([pool.take("bodies"), pool.take("bodies")])).toEqual(new Set([large, other]))
  expect(pool.take("bodies")).not.toBe(large)
})

test("a batch that does not wait goes in the buffers it was written to", () => {
  const pool = buffers()
  const large = new ArrayBuffer(1024 * 1024)
  const small = new ArrayBuffer(128 * 1024)
  pool.giveBack(large)
  pool.giveBack(small)
  const batch = openBatch(pool)
  const json = add(batch, {}, "x")
  const message = batch.seal(false)
  expect(message.texts).toBe(small)
  expect(message.payloads).toBe(large)
  expect(text(partsOf(message)[0]?.text ?? new Uint8Array())).toStartWith(json)
})

test("where there is no room for all buffers the smallest is let go", () => {
  const pool = buffers()
  const small = new ArrayBuffer(64 * 1024)
  pool.giveBack(small)
  for (let n = 0; n < 6; n += 1) pool.giveBack(new ArrayBuffer(256 * 1024))
  expect(small.byteLength).toBe(0)
  expect(pool.take("texts").byteLength).toBe(256 * 1024)
})

test("few buffers are kept, and none that is huge", () => {
  const pool = buffers()
  const huge = new ArrayBuffer(64 * 1024 * 1024)
  pool.giveBack(huge)
  expect(pool.take("bodies")).not.toBe(huge)
  const given = Array.from({ length: 50 }, () => new ArrayBuffer(128 * 1024))
  for (const buffer of given) pool.giveBack(buffer)
  const taken = new Set(Array.from({ length: 50 }, () => pool.take("bodies")))
  expect(given.filter((buffer) => taken.has(buffer)).length).toBeLessThanOrEqual(8)
  for (const buffer of [huge, ...given]) expect(taken.has(buffer) || buffer.byteLength === 0).toBe(true)
})

test("what a batch outgrows is free at once", () => {
  const pool = buffers()
  const small = new ArrayBuffer(64 * 1024)
  pool.giveBack(small)
  const batch = openBatch(pool)
  const path = "y".repeat(100_000)
  const json = add(batch, { path })
  expect(small.byteLength).toBe(0)
  expect(text(partsOf(batch.seal(false))[0]?.text ?? new Uint8Array())).toStartWith(json)
})

test("a batch of little in a large buffer is whole also where the pool is full", () => {
  const pool = buffers()
  const batch = openBatch(pool)
  pool.giveBack(new ArrayBuffer(1024 * 1024))
  const json = add(batch, {})
  for (let n = 0; n < 10; n += 1) pool.giveBack(new ArrayBuffer(128 * 1024))
  expect(text(partsOf(batch.seal(true))[0]?.text ?? new Uint8Array())).toStartWith(json)
})
