import { describe, expect, test } from "bun:test"
import { chat, responses } from "./gateway.ts"
import { type Pool, poolOf, refusing } from "./pool.ts"

const fourKeys = { a: {}, b: {}, c: {}, d: {} }
const sessions = Array.from({ length: 12 }, (_, index) => `session-${index}`)

const headerNames = [
  "x-bf-session-id",
  "x-gantry-session-id",
  "x-claude-code-session-id",
  "session-id",
  "thread-id",
  "x-session-id",
  "x-session-affinity",
]

/** The key of each session, asked for three times. */
async function homes(keyFor: (session: string) => Promise<string | undefined>): Promise<readonly string[]> {
  const found: string[] = []
  for (const session of sessions) {
    const keys = new Set([await keyFor(session), await keyFor(session), await keyFor(session)])
    expect(keys.size).toBe(1)
    found.push([...keys][0] ?? "")
  }
  expect(new Set(found).size).toBeGreaterThan(1)
  return found
}

describe("a conversation stays on its key", () => {
  for (const name of headerNames) {
    test(`known by ${name}`, async () => {
      await using pool = await poolOf({ keys: fourKeys })
      await homes((session) => pool.keyFor({}, { [name]: session }))
    })
  }

  for (const wire of [chat, responses]) {
    test(`known by the prompt cache key of ${wire.id}`, async () => {
      await using pool = await poolOf({ keys: fourKeys, wire })
      await homes((session) => pool.keyFor({ prompt_cache_key: session }))
    })
  }

  test("whatever the model, and whether it streams", async () => {
    await using pool = await poolOf({ keys: fourKeys })
    const keys = new Set<string | undefined>()
    for (const body of [{ model: "pool/x" }, { model: "pool/y" }, { stream: true }, { temperature: 1 }])
      keys.add(await pool.keyFor(body, { "x-session-id": "same" }))
    expect(keys.size).toBe(1)
  })

  test("over a restart of the gateway", async () => {
    const seen: (readonly string[])[] = []
    for (let turn = 0; turn < 2; turn++) {
      await using pool = await poolOf({ keys: fourKeys })
      seen.push(await homes((session) => pool.keyFor({}, { "session-id": session })))
    }
    expect(seen[0]).toEqual(seen[1] ?? [])
  })

  test("and another caller's conversation of the same name has a home of its own", async () => {
    await using pool = await poolOf({ keys: fourKeys })
    const keyFor = (caller: string) => pool.keyFor({}, { "x-session-id": "same", authorization: `Bearer ${caller}` })
    const callers = Array.from({ length: 16 }, (_, index) => `caller-${index}`)
    const keys = new Set<string | undefined>()
    for (const caller of callers) keys.add(await keyFor(caller))
    expect(keys.size).toBeGreaterThan(1)
  })

  test("the first header in the order decides", async () => {
    await using pool = await poolOf({ keys: fourKeys })
    for (const session of sessions) {
      const alone = await pool.keyFor({}, { "x-bf-session-id": session })
      const among = await pool.keyFor(
        { prompt_cache_key: "other" },
        { "x-bf-session-id": session, "x-session-id": "other", "thread-id": "another" },
      )
      expect(among).toBe(alone)
    }
  })

  test("in the share that weights give", async () => {
    await using pool = await poolOf({ keys: { heavy: { weight: 9 }, light: { weight: 1 } } })
    const keys: (string | undefined)[] = []
    for (let index = 0; index < 200; index++) keys.push(await pool.keyFor({}, { "x-session-id": `s${index}` }))
    expect(keys.filter((key) => key === "heavy").length).toBeWithin(150, 199)
  })
})

test("without a session calls are spread", async () => {
  await using pool = await poolOf({ keys: fourKeys })
  await pool.askOften(80)
  expect(new Set(pool.used()).size).toBe(4)
})

test("a session id too long to be one is none", async () => {
  await using pool = await poolOf({ keys: fourKeys })
  await pool.askOften(80, { "x-session-id": "x".repeat(256) })
  expect(new Set(pool.used()).size).toBe(4)
})

test("a cooling key is left at once and returned to", async () => {
  let limited: string | undefined
  await using pool: Pool = await poolOf({
    keys: fourKeys,
    answers: (key) => (key === limited ? refusing("rate limited", 1) : undefined),
  })
  const session = { "x-session-id": "that-moves" }
  const home = await pool.keyFor({}, session)
  limited = home
  const away = await pool.keyFor({}, session)
  expect(away).not.toBe(home)
  limited = undefined
  expect(await pool.keyFor({}, session)).toBe(away)
  while ((await pool.keyFor({}, session)) !== home) await Bun.sleep(20)
  expect(await pool.keyFor({}, session)).toBe(home)
})
