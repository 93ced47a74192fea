import { afterAll, beforeAll, expect, test } from "bun:test"
import fc from "fast-check"
import type { CallRecord, LogQuery, LogStore } from "../../src/core/record.ts"
import { sampleRecord } from "./sample.ts"
import { type Folder, temporaryLog } from "./sqlite/folder.ts"
import { settled, walk } from "./suite.ts"

const noon = Date.UTC(2026, 10, 22, 12)
const dayMs = 86_400_000
const providers = ["north", "south"]
const models = ["fast", "model-a", "lab/model-a"]
const words = ["north", "fast", "SLOW", "down", "429", "é"]

const record = (id: number) =>
  fc
    .record({
      day: fc.nat({ max: 3 }),
      ms: fc.nat({ max: 5 }),
      provider: fc.constantFrom(...providers),
      model: fc.constantFrom(...models),
      asked: fc.constantFrom(...models, "north/fast", "South/model-a", "north/lab/model-a"),
      stream: fc.boolean(),
      durationMs: fc.constantFrom(0.5, 10, 2_000),
      cost: fc.option(fc.constantFrom(0, 0.5), { nil: undefined }),
      failed: fc.boolean(),
      sessionId: fc.option(fc.constantFrom("s1", "é"), { nil: undefined }),
    })
    .map(({ day, ms, asked, failed, cost, sessionId, ...rest }) => {
      const { cost: _, ...sample } = sampleRecord({
        id: `call-${id}`,
        at: noon - day * dayMs + ms,
        requestedModel: asked,
        ...rest,
      })
      const error = { kind: "rate-limit", blame: "key", message: "slow down" } as const
      return {
        ...sample,
        ...(failed ? { status: 429, end: "error" as const, error } : {}),
        ...(cost === undefined ? {} : { cost }),
        ...(sessionId === undefined ? {} : { sessionId }),
      }
    })

const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 })
const query = fc.record({
  limit: fc.integer({ min: 1, max: 60 }),
  from: some(fc.nat({ max: 4 }).map((day) => noon - day * dayMs + 2)),
  to: some(fc.nat({ max: 3 }).map((day) => noon - day * dayMs + 3)),
  providers: some(fc.subarray([...providers, "west"], { minLength: 1 })),
  models: some(fc.subarray([...models, "north/fast", "south/fast", "North/lab/model-a", "x"], { minLength: 1, maxLength: 2 })),
  status: some(fc.constantFrom("success" as const, "error" as const)),
  stream: some(fc.boolean()),
  minDurationMs: some(fc.constantFrom(0.5, 10)),
  maxDurationMs: some(fc.constantFrom(0.5, 10)),
  minCost: some(fc.constantFrom(0, 0.1)),
  sessionId: some(fc.constantFrom("s1", "é")),
  search: some(fc.subarray(words, { minLength: 1, maxLength: 2 })),
})

/** A name in a filter is what the provider or the caller calls the model, alone or behind the provider that answered. */
function isCalled({ provider, model, requestedModel }: CallRecord, name: string): boolean {
  const behind = `${provider}/`
  const bare = (text: string) => (text.toLowerCase().startsWith(behind) ? text.slice(behind.length) : text)
  const asked = bare(requestedModel)
  return [model, asked].includes(name) || (bare(name) !== name && [model, asked].includes(bare(name)))
}

function isWanted(call: CallRecord, asked: LogQuery): boolean {
  const { id, requestedModel, provider, model, keyName, sessionId, dialect, status, error } = call
  const shown = [id, requestedModel, provider, model, keyName, sessionId, dialect, status, error?.kind, error?.message]
  const text = shown.join("\n").toLowerCase()
  return (
    (asked.from ?? 0) <= call.at &&
    call.at <= (asked.to ?? Number.POSITIVE_INFINITY) &&
    (asked.providers?.includes(provider ?? "") ?? true) &&
    (asked.models?.some((name) => isCalled(call, name)) ?? true) &&
    (asked.status ?? (error ? "error" : "success")) === (error ? "error" : "success") &&
    (asked.stream ?? call.stream) === call.stream &&
    (asked.minDurationMs ?? 0) <= call.durationMs &&
    call.durationMs <= (asked.maxDurationMs ?? Number.POSITIVE_INFINITY) &&
    (asked.minCost === undefined || (call.cost !== undefined && call.cost >= asked.minCost)) &&
    (asked.sessionId ?? sessionId) === sessionId &&
    (asked.search?.every((word) => text.includes(word.toLowerCase())) ?? true)
  )
}

const newestFirst = (left: CallRecord, right: CallRecord) => right.at - left.at || (left.id < right.id ? 1 : -1)

let folder: Folder
let store: LogStore
const calls = fc.sample(fc.tuple(...Array.from({ length: 150 }, (_, index) => record(index))), { numRuns: 1, seed: 7 })[0] ?? []
beforeAll(async () => {
  folder = temporaryLog()
  store = folder.open()
  for (const call of calls) store.write({ record: call, payloads: [] })
  await settled(store)
})
afterAll(() => folder.close())

test("a list is what a look at every call would find, in pages of any size", async () => {
  await fc.assert(
    fc.asyncProperty(query, async (parts) => {
      const asked = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as LogQuery
      const found = await walk(store, asked)
      expect(found.map(({ id }) => id)).toEqual(
        calls
          .filter((call) => isWanted(call, asked))
          .sort(newestFirst)
          .map(({ id }) => id),
      )
    }),
    { numRuns: 150 },
  )
}, 30_000)
