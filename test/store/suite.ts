import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import fc from "fast-check"
import type { CallRecord, LogPage, LogQuery, LogStore } from "../../src/core/record.ts"
import { sampleEntry, samplePayload } from "./sample.ts"

export interface Opened {
  readonly store: LogStore
  close(): Promise<void>
}

const noon = Date.UTC(2026, 10, 22, 12)
const dayMs = 86_400_000

/** Resolves when everything written so far is readable. */
export async function settled(store: LogStore): Promise<void> {
  while (store.health().queued > 0) await new Promise((resume) => setTimeout(resume, 5))
}

async function idsOf(store: LogStore, query: LogQuery): Promise<string[]> {
  const page = await store.list(query)
  return page.records.map((record) => record.id)
}

/** Everything, page by page. */
export async function walk(store: LogStore, query: LogQuery, between?: (page: LogPage) => Promise<void>): Promise<CallRecord[]> {
  const all: CallRecord[] = []
  let cursor: string | undefined
  do {
    const page = await store.list({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    all.push(...page.records)
    cursor = page.cursor
    await between?.(page)
  } while (cursor !== undefined)
  return all
}

/** What every LogStore must do. `open` gives an empty one. */
export function testStore(name: string, open: () => Promise<Opened>): void {
  describe(`log store: ${name}`, () => {
    let opened: Opened
    let store: LogStore
    beforeAll(async () => {
      opened = await open()
      store = opened.store
    })
    afterAll(() => opened.close())

    test("is empty at first", async () => {
      expect(await store.list({})).toEqual({ records: [], complete: true })
      expect(await store.get("nobody")).toBeUndefined()
      expect(store.health()).toEqual({ state: "ok", queued: 0, dropped: 0, written: 0 })
    })

    test("gives back a record and its payloads as they were", async () => {
      const binary = { ...samplePayload("upstream-response", ""), bytes: Uint8Array.from([0, 255, 10, 13, 10]), size: 9_000 }
      const entry = sampleEntry({ id: "exact", at: noon - 40 * dayMs, path: "/a\n\u2028b" }, [
        samplePayload("client-request", "{}"),
        binary,
      ])
      store.write(entry)
      await settled(store)
      expect(await store.get("exact")).toEqual(entry)
      expect((await store.list({ requestId: "exact" })).records).toEqual([entry.record])
    })

    test("shows a call at once: nobody has to wait for the next flush", async () => {
      const one = sampleEntry({ id: "at-once", at: noon - 41 * dayMs })
      store.write(one)
      expect((await store.list({ requestId: "at-once" })).records).toEqual([one.record])
      const other = sampleEntry({ id: "at-once-too", at: noon - 41 * dayMs })
      store.write(other)
      expect((await store.get("at-once-too"))?.record).toEqual(other.record)
    })

    test("of calls with one id, the newest with its own payloads", async () => {
      const [first, second] = [0, 5].map((later) =>
        sampleEntry({ id: "repeated", at: noon - 42 * dayMs + later }, [samplePayload("client-request", `{"later":${later}}`)]),
      )
      for (const entry of [first, second]) if (entry) store.write(entry)
      await settled(store)
      expect(await store.get("repeated")).toEqual(second)
      expect(await idsOf(store, { requestId: "repeated" })).toEqual(["repeated", "repeated"])
    })

    test("any payload bytes survive", async () => {
      let count = 0
      const bytes = fc.uint8Array({ maxLength: 4_000 })
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(bytes, { maxLength: 4 }), { minLength: 1, maxLength: 6 }), async (calls) => {
          const entries = calls.map((parts) =>
            sampleEntry(
              { id: `any-${count++}`, at: noon - 41 * dayMs },
              parts.map((part) => ({ ...samplePayload("client-request", ""), bytes: part, size: part.length })),
            ),
          )
          for (const entry of entries) store.write(entry)
          await settled(store)
          for (const entry of entries) expect(await store.get(entry.record.id)).toEqual(entry)
        }),
        { numRuns: 8 },
      )
    })

    describe("filters", () => {
      const from = noon - 50 * dayMs
      const ago = { from, to: from + 1_000 }
      const error = { kind: "rate-limit", blame: "key", message: "slow down" } as const
      const usage = {
        lines: [{ kind: "answer", tokens: { input: 5_000, output: 1 } }],
        unexplained: 0,
        raw: null,
        wire: "wire-a",
      }
      beforeAll(async () => {
        store.write(sampleEntry({ id: "plain", at: from }))
        store.write(
          sampleEntry({ id: "other", at: from + 1, provider: "south", model: "model-b", keyId: "key-2", dialect: "fancy" }),
        )
        store.write(sampleEntry({ id: "slow", at: from + 2, durationMs: 90_000, stream: true, sessionId: "s1" }))
        const {
          stop: _,
          usage: __,
          cost: ___,
          ...failed
        } = sampleEntry({ id: "failed", at: from + 3, status: 429, end: "error", error }).record
        store.write({ record: failed, payloads: [] })
        const { cost: ____, ...unpriced } = sampleEntry({ id: "unpriced", at: from + 4, usage }).record
        store.write({ record: unpriced, payloads: [] })
        store.write(sampleEntry({ id: "aliased", at: from + 6, requestedModel: "North/fast", model: "model-c" }))
        store.write(
          sampleEntry({ id: "elsewhere", at: from + 7, requestedModel: "north/first", provider: "south", model: "model-c" }),
        )
        store.write(sampleEntry({ id: "dear", at: from + 5, cost: 3.5, stop: { reason: "length", raw: "max" } }))
        await settled(store)
      })
      const cases: [string, LogQuery, string[]][] = [
        ["none", {}, ["elsewhere", "aliased", "dear", "unpriced", "failed", "slow", "other", "plain"]],
        ["from and to", { from: from + 1, to: from + 2 }, ["slow", "other"]],
        ["providers", { providers: ["south", "nowhere"] }, ["elsewhere", "other"]],
        ["models", { models: ["model-b"] }, ["other"]],
        ["a model and its provider", { models: ["South/model-b", "north/model-b"] }, ["other"]],
        ["a model of another provider", { models: ["north/model-b"] }, []],
        ["the caller's name of a model", { models: ["fast"] }, ["aliased"]],
        ["that and its provider", { models: ["north/fast", "south/fast"] }, ["aliased"]],
        ["what was asked for and answered elsewhere", { models: ["north/first"] }, ["elsewhere"]],
        ["a model by whichever name", { models: ["model-c"] }, ["elsewhere", "aliased"]],
        ["keys", { keys: ["key-2"] }, ["other"]],
        ["dialects", { dialects: ["fancy"] }, ["other"]],
        ["success", { status: "success", providers: ["south"] }, ["elsewhere", "other"]],
        ["error", { status: "error" }, ["failed"]],
        ["error kinds", { errorKinds: ["rate-limit", "timeout"] }, ["failed"]],
        ["stop reasons", { stopReasons: ["length"] }, ["dear"]],
        ["session", { sessionId: "s1" }, ["slow"]],
        ["id", { requestId: "slow" }, ["slow"]],
        ["stream", { stream: true }, ["slow"]],
        ["duration", { minDurationMs: 1_000, maxDurationMs: 90_000 }, ["slow"]],
        ["tokens", { minTokens: 151, maxTokens: 5_001 }, ["unpriced"]],
        ["cost", { minCost: 3.5, maxCost: 3.5 }, ["dear"]],
        ["missing cost", { missingCost: true }, ["unpriced"]],
        ["several at once", { providers: ["north"], stream: true, sessionId: "s2" }, []],
      ]
      test.each(cases)("%s", async (_, query, expected) => {
        expect(await idsOf(store, { ...ago, ...query })).toEqual(expected)
      })
    })

    test("pages are newest first over days, each record once, also where times are equal", async () => {
      const from = noon - 70 * dayMs
      const expected: string[] = []
      for (let index = 0; index < 60; index++) {
        const id = `page-${String(index).padStart(2, "0")}`
        store.write(sampleEntry({ id, at: from + Math.floor(index / 20) * dayMs + (index % 5), stream: index % 2 === 0 }))
        expected.push(id)
      }
      await settled(store)
      const range = { from, to: from + 3 * dayMs }
      const all = await walk(store, { ...range, limit: 7 })
      expect(all.map((record) => record.id).sort()).toEqual(expected)
      const order = all.map((record) => [-record.at, record.id] as const)
      expect(order).toEqual([...order].sort(([a, x], [b, y]) => a - b || (x < y ? 1 : -1)))
      expect(await walk(store, { ...range, limit: 7, stream: true })).toEqual(all.filter((record) => record.stream))
    })

    test("a page is full when it is large, and the next goes on from there", async () => {
      const from = noon - 100 * dayMs
      const route = Array.from({ length: 64 }, () => "x".repeat(512))
      for (let index = 0; index < 200; index++) store.write(sampleEntry({ id: `large-${index}`, at: from + index, route }))
      await settled(store)
      const range = { from, to: from + dayMs, limit: 1_000 }
      const sizes: number[] = []
      for (const query of [range, { ...range, search: ["large"] }, { ...range, models: ["model-a"] }]) {
        const all = await walk(store, query, async ({ records, complete }) => {
          expect(complete).toBe(true)
          sizes.push(JSON.stringify(records).length)
        })
        expect(all.map(({ id }) => id)).toEqual(Array.from({ length: 200 }, (_, index) => `large-${199 - index}`))
      }
      expect(Math.max(...sizes)).toBeLessThan(5 * 1024 * 1024)
    })

    test("paging stays in place while calls are written", async () => {
      const from = noon - 90 * dayMs
      for (let index = 0; index < 30; index++) store.write(sampleEntry({ id: `old-${index}`, at: from + index }))
      await settled(store)
      let added = 0
      const all = await walk(store, { from, to: from + dayMs, limit: 4 }, async () => {
        for (let index = 0; index < 5; index++) store.write(sampleEntry({ id: `new-${added}`, at: from + 1_000 + added++ }))
        await settled(store)
      })
      expect(all.map((record) => record.id)).toEqual(Array.from({ length: 30 }, (_, index) => `old-${29 - index}`))
    })

    test("a cursor that is not one is refused by name", async () => {
      await expect(store.list({ cursor: "rubbish" })).rejects.toMatchObject({
        error: { kind: "invalid-request", param: "cursor" },
      })
    })

    test("an aborted list rejects", async () => {
      await expect(store.list({}, AbortSignal.abort())).rejects.toMatchObject({ error: { kind: "cancelled" } })
    })

    test("a record that is no JSON is dropped and counted", async () => {
      const before = store.health().dropped
      const loop: { raw: unknown } = { raw: undefined }
      loop.raw = loop
      store.write(sampleEntry({ usage: { lines: [], unexplained: 0, raw: loop as never, wire: "wire-a" } }))
      expect(store.health().dropped).toBe(before + 1)
    })

    test("stop writes what is queued, and nothing more is taken", async () => {
      const other = await open()
      other.store.write(sampleEntry({ id: "last" }))
      await other.store.stop(5_000)
      expect(other.store.health()).toMatchObject({ queued: 0, dropped: 0, written: 1 })
      other.store.write(sampleEntry())
      expect(other.store.health().dropped).toBe(1)
      await other.close()
    })
  })
}
