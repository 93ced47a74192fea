import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import type { LogStore } from "../../../src/core/record.ts"
import { sampleEntry } from "../sample.ts"
import { settled } from "../suite.ts"
import { type Folder, temporaryLog } from "./folder.ts"

const noon = Date.UTC(2026, 10, 22, 12)
let folder: Folder
let store: LogStore

beforeAll(async () => {
  folder = temporaryLog()
  store = folder.open()
  store.write(
    sampleEntry({
      id: "req-one",
      at: noon,
      provider: "north",
      model: "Model-Ä-7",
      requestedModel: "smart",
      keyName: "Team B",
      caller: "10.1.2.3",
      sessionId: "session-77",
      dialect: "plain",
      status: 529,
      end: "error",
      error: { kind: "overloaded", blame: "provider", message: 'say "please" 100%_\\ at once' },
      route: ["a decision nobody searches"],
      userAgent: "agent/1",
    }),
  )
  store.write(
    sampleEntry({ id: "req-two", at: noon + 1, provider: "south", requestedModel: "other", model: "model-z", keyName: "Team C" }),
  )
  await settled(store)
})
afterAll(() => folder.close())

const found = async (...search: string[]) => (await store.list({ search })).records.map(({ id }) => id)

describe("a search", () => {
  test.each(["one", "SMART", "north", "model-Ä", "team b", "10.1.2", "SESSION-77", "529", "overLoaded", "please", '"please"'])(
    "finds %s in what a list tells",
    async (text) => expect(await found(text)).toEqual(["req-one"]),
  )

  test("wants every word, in any of the texts", async () => {
    expect(await found("team", "model")).toEqual(["req-two", "req-one"])
    expect(await found("team", "z")).toEqual(["req-two"])
    expect(await found("smart", "z")).toEqual([])
  })

  test.each(["decision", "agent/1", "keyName", "%", "x%x", "b\nc", "'; drop table calls; --", "\\\\"])(
    "does not find %p, which is no such text, or only a pattern",
    async (text) => expect(await found(text)).toEqual(text === "%" ? ["req-one"] : []),
  )

  test("takes a backslash and a percent sign for themselves", async () => {
    expect(await found("100%_\\")).toEqual(["req-one"])
  })

  test("goes together with other filters and pages", async () => {
    expect((await store.list({ search: ["team"], status: "error" })).records.map(({ id }) => id)).toEqual(["req-one"])
    const first = await store.list({ search: ["team"], limit: 1 })
    expect(first.records.map(({ id }) => id)).toEqual(["req-two"])
    expect(first.cursor).toBeString()
    const second = await store.list({ search: ["team"], limit: 1, cursor: first.cursor ?? "" })
    expect(second.records.map(({ id }) => id)).toEqual(["req-one"])
  })
})
