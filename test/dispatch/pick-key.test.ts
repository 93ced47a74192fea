import { expect, test } from "bun:test"
import type { Call, Target } from "../../src/core/call.ts"
import type { KeyEntry } from "../../src/core/registry.ts"
import { cooldowns } from "../../src/dispatch/cooldown.ts"
import { pickKey } from "../../src/dispatch/keys.ts"
import type { Maker } from "../../src/dispatch/state.ts"
import { lru } from "../../src/lib/lru.ts"

const key = (id: string): KeyEntry => ({
  id,
  name: id,
  reveal: () => undefined,
  weight: 1,
  allows: () => true,
  aliasOf: () => undefined,
  names: [],
})

test("each refused key is probed, not the first one alone", () => {
  let now = 1_000_000
  const health = cooldowns(() => now)
  const keys = [key("dead"), key("mended")]
  const context = {
    call: {} as Call,
    target: { provider: "p", model: "m" } as Target,
    state: { cooldowns: health, makers: lru<string, Maker>({ max: 1 }) },
    random: () => 0,
  }
  for (const { id } of keys) health.long("p", id, "refused")
  expect(pickKey(keys, new Set(), context)).toBeUndefined()
  now += 20_000
  expect(pickKey(keys, new Set(), context)?.id).toBe("dead")
  health.long("p", "dead", "refused")
  expect(pickKey(keys, new Set(["dead"]), context)?.id).toBe("mended")
})
