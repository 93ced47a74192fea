import { expect, test } from "bun:test"
import fc from "fast-check"
import { waitingRoom } from "../../../web/state/waiting-room.ts"

test("keeps the newest, newest first, and counts the others", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.integer(), { maxLength: 12 }), { maxLength: 6 }), (batches) => {
      const room = waitingRoom<number>(4)
      for (const batch of batches) {
        for (const item of batch) room.push(item)
        expect(room.waiting).toBe(batch.length)
        expect(batch.filter((item) => room.find((kept) => kept === item) !== undefined)).toEqual(
          batch.filter((item) => batch.slice(-4).includes(item)),
        )
        const { items, skipped } = room.take()
        expect(items).toEqual(batch.slice(-4).reverse())
        expect(skipped).toBe(Math.max(0, batch.length - 4))
        expect(room.waiting).toBe(0)
      }
    }),
  )
})
