import { expect, test } from "bun:test"
import type { Payload } from "../../../src/core/record.ts"
import { keptBytes } from "../../../src/lib/kept-bytes.ts"
import { opened } from "../../../src/lib/partly-packed.ts"
import { sampleEntry, samplePayload } from "../sample.ts"
import { settled } from "../suite.ts"
import { temporaryLog } from "./folder.ts"

const secret = "sk-0123456789abcdef"
const noon = Date.UTC(2026, 10, 22, 12)
const day = 86_400_000

/** As a stream is kept where many are under way at once. */
function crowded(text: string, limit = 1e6): Payload {
  const bytes = new TextEncoder().encode(text)
  const kept = keptBytes(limit, { held: 1, roomy: 0 })
  for (let at = 0; at < bytes.length; at += 100) kept.add(bytes.subarray(at, at + 100))
  const packed = kept.kept()
  expect(packed.runs.length > 0).toBe(packed.length > 4_200)
  return {
    side: "client-response",
    wire: "wire-a",
    contentType: "text/event-stream",
    packed,
    size: bytes.length,
    release: () => kept.release(),
    get bytes() {
      return opened(packed)
    },
  }
}

const frames = (count: number, word: string) =>
  Array.from({ length: count }, (_, index) => `data: {"text":"${word} ${index}"}\n\n`).join("")

test("streams that were compressed on their way are read as they were, between others, on any day", async () => {
  const long = frames(1_000, "one")
  const other = frames(400, "two ü")
  const short = frames(5, "three")
  const calls: readonly (readonly [at: number, payloads: readonly Payload[], texts: readonly string[]])[] = [
    [noon, [samplePayload("client-request", "{}"), crowded(long)], ["{}", long]],
    [noon - day, [crowded(other)], [other]],
    [noon, [crowded(short), samplePayload("client-request", "é"), crowded(other)], [short, "é", other]],
    [noon - day, [samplePayload("client-response", short)], [short]],
    [noon, [crowded(long, 9_000)], [long.slice(0, 9_000)]],
  ]
  const folder = temporaryLog()
  try {
    const store = folder.open()
    for (const [index, [at, payloads]] of calls.entries()) store.write(sampleEntry({ id: `call-${index}`, at }, payloads))
    await settled(store)
    for (const [index, [, , texts]] of calls.entries()) {
      const found = await store.get(`call-${index}`)
      expect(found?.payloads.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual([...texts])
    }
  } finally {
    await folder.close()
  }
})

test("secrets are not written in them either", async () => {
  const folder = temporaryLog()
  try {
    const store = folder.open({ secrets: () => [secret] })
    const payloads = [crowded(frames(300, secret)), samplePayload("client-request", "none")]
    store.write(sampleEntry({ id: "call" }, payloads))
    await settled(store)
    const texts = ((await store.get("call"))?.payloads ?? []).map(({ bytes }) => new TextDecoder().decode(bytes))
    expect(texts).toEqual([frames(300, "[redacted]*********"), "none"])
  } finally {
    await folder.close()
  }
})
