import { describe, expect, test } from "bun:test"
import { skipWithReason } from "../support/skip.ts"
import { trafficFolder } from "../support/traffic.ts"
import { ownFixtures, recordedFixtures } from "./fixtures.ts"
import { known, skip } from "./known.ts"
import { generationWires, loadWires, unlistedWires } from "./load-wires.ts"
import { testWire } from "./wire.ts"

/** Wires whose streams have one block open at a time. */
const sequential: ReadonlySet<string> = new Set(["anthropic-messages"])

/** What a route may promise beyond its wire's common ground; a client's own wire is asked for all of it. */
const features = ["mid-system", "cache-marks", "reasoning-details"]

const wires = await loadWires()

describe("wires", () => {
  test("all generation wires are here", () => {
    expect(wires.map((wire) => wire.id)).toEqual([...generationWires])
  })
  test("no wire is left out of the laws", () => {
    expect(unlistedWires()).toEqual([])
  })
})

for (const wire of wires) {
  const own = ownFixtures(wire.id)
  test(`${wire.id} has fixtures of each kind`, () => {
    expect([...new Set(own.map((fixture) => fixture.kind))].sort()).toEqual(["request", "response", "stream"])
  })
  if (trafficFolder() === undefined) skipWithReason(`recorded traffic: ${wire.id}`, "no folder of recordings: set TRAFFIC_DIR")
  const context = { wire, wires, features, sequential: sequential.has(wire.id) }
  testWire(context, [...own, ...recordedFixtures(wire.id)], { known: known[wire.id] ?? [], skip: skip[wire.id] ?? [] })
}
