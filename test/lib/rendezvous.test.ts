import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { rendezvousOrder, rendezvousPick } from "../../src/lib/rendezvous.ts"

const nodes = fc.uniqueArray(fc.record({ id: fc.string(), weight: fc.integer({ min: 1, max: 100 }) }), {
  selector: (node) => node.id,
  minLength: 1,
  maxLength: 8,
})

describe("rendezvous", () => {
  test("the order is the same whatever order the nodes come in, and the pick is its head", () => {
    fc.assert(
      fc.property(fc.string(), nodes, (key, list) => {
        const order = rendezvousOrder(key, list)
        expect(rendezvousOrder(key, list.toReversed())).toEqual(order)
        expect(order.length).toBe(list.length)
        expect(rendezvousPick(key, list)).toEqual(order[0])
      }),
    )
  })

  test("a node that goes leaves the order of the others as it was", () => {
    fc.assert(
      fc.property(fc.string(), nodes, fc.nat(), (key, list, pick) => {
        const gone = list[pick % list.length]
        const rest = list.filter((node) => node !== gone)
        expect(rendezvousOrder(key, rest)).toEqual(rendezvousOrder(key, list).filter((node) => node !== gone))
      }),
    )
  })

  test("keys spread by weight", () => {
    const list = [
      { id: "a", weight: 1 },
      { id: "b", weight: 3 },
      { id: "c", weight: 6 },
      { id: "off", weight: 0 },
    ]
    const counts: Record<string, number> = { a: 0, b: 0, c: 0 }
    for (let index = 0; index < 10_000; index++) {
      const id = rendezvousPick(`session-${index}`, list)?.id ?? ""
      counts[id] = (counts[id] ?? 0) + 1
    }
    expect(counts.off).toBeUndefined()
    for (const { id, weight } of list.slice(0, 3)) expect(Math.abs((counts[id] ?? 0) / 1000 - weight)).toBeLessThan(0.25)
    expect(rendezvousPick("key", [{ id: "off", weight: 0 }])).toBeUndefined()
  })
})
