import { expect, test } from "bun:test"
import { readdirSync } from "node:fs"
import type { LogStore } from "../../../src/core/record.ts"
import { sampleEntry, samplePayload } from "../sample.ts"
import { settled, testStore } from "../suite.ts"
import { temporaryLog } from "./folder.ts"

testStore("sqlite", async () => {
  const folder = temporaryLog()
  return { store: folder.open(), close: () => folder.close() }
})

const text = async (store: LogStore, id: string) =>
  (await store.get(id))?.payloads.map(({ bytes, size }) => `${size} ${new TextDecoder().decode(bytes)}`)

test("payloads are written without the secrets of the moment, each where it was", async () => {
  const folder = temporaryLog()
  try {
    let secrets: readonly string[] = []
    const store = folder.open({ secrets: () => secrets })
    const payloads = [
      samplePayload("client-request", "say key-0123456789ab aloud"),
      samplePayload("client-response", "it is two-0123456789ab"),
    ]
    store.write(sampleEntry({ id: "before" }, payloads))
    await settled(store)
    secrets = ["key-0123456789ab"]
    store.write(sampleEntry({ id: "one" }, payloads))
    store.write(sampleEntry({ id: "beside" }, payloads))
    await settled(store)
    secrets = [...secrets, "two-0123456789ab"]
    store.write(sampleEntry({ id: "both" }, payloads))
    await settled(store)
    expect(await text(store, "before")).toEqual(["26 say key-0123456789ab aloud", "22 it is two-0123456789ab"])
    expect(await text(store, "one")).toEqual(["26 say [redacted]****** aloud", "22 it is two-0123456789ab"])
    expect(await text(store, "beside")).toEqual(await text(store, "one"))
    expect(await text(store, "both")).toEqual(["26 say [redacted]****** aloud", "22 it is [redacted]******"])
  } finally {
    await folder.close()
  }
})

test("memory that was lent is given back once it is copied, also of a call that is dropped", async () => {
  const folder = temporaryLog()
  try {
    const store = folder.open({ queueEntries: 1 })
    const lent = (body: string) => {
      const payload = samplePayload("client-response", body)
      return { ...payload, release: () => void payload.bytes.fill(0) }
    }
    const payloads = [lent("kept"), lent("dropped")] as const
    store.write(sampleEntry({ id: "one" }, [payloads[0]]))
    store.write(sampleEntry({ id: "two" }, [payloads[1]]))
    expect(payloads.map(({ bytes }) => bytes.every((byte) => byte === 0))).toEqual([true, true])
    await settled(store)
    expect(store.health().dropped).toBe(1)
    expect(await text(store, "one")).toEqual(["4 kept"])
  } finally {
    await folder.close()
  }
})

test("days that are too old go also where nobody calls", async () => {
  const folder = temporaryLog()
  try {
    const first = folder.open()
    first.write(sampleEntry({ at: Date.now() - 10 * 86_400_000 }))
    await first.stop(5_000)
    const days = () => readdirSync(folder.path).filter((name) => name.startsWith("20"))
    expect(days()).toHaveLength(1)
    folder.open({ retentionDays: 5 })
    while (days().length > 0) await new Promise((resume) => setTimeout(resume, 5))
  } finally {
    await folder.close()
  }
})

test("days that go while somebody pages through them are not missed by the pages after", async () => {
  const folder = temporaryLog()
  try {
    const store = folder.open()
    const ago = (days: number) => Date.now() - days * 86_400_000
    for (const days of [1, 8, 9]) for (const id of ["a", "b"]) store.write(sampleEntry({ id: `${days} ${id}`, at: ago(days) }))
    await settled(store)
    const { cursor, records } = await store.list({ limit: 3 })
    expect(records.map(({ id }) => id)).toEqual(["1 b", "1 a", "8 b"])
    const sweeping = folder.open({ retentionDays: 5 })
    while (readdirSync(folder.path).filter((name) => name.startsWith("20")).length > 3) await Bun.sleep(5)
    expect(await store.list(cursor === undefined ? {} : { cursor })).toEqual({ records: [], complete: true })
    expect(await store.get("8 b")).toBeUndefined()
    expect(await sweeping.list({})).toMatchObject({ records: [{ id: "1 b" }, { id: "1 a" }], complete: true })
    store.write(sampleEntry({ id: "late", at: ago(8) }))
    await settled(store)
    expect((await store.get("late"))?.record.id).toBe("late")
  } finally {
    await folder.close()
  }
})
