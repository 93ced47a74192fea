import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { ticksFor } from "../../../web/components/span-chart.tsx"
import { endOf, trySpans } from "../../../web/routes/calls/try-spans.ts"
import { call, eventful, failed } from "../stand-in/calls.ts"

describe("the spans of a call's tries", () => {
  test("tell of queue, failure, pause, wait and answer", () => {
    const shown = trySpans(eventful).map(({ spans }) => spans.map(({ kind, from, to }) => `${kind} ${from}–${to}`))
    expect(shown).toEqual([
      ["queue 0.6–142.6", "failed 142.6–391"],
      ["pause 391–392", "failed 392–1104"],
      ["pause 1104–1584", "failed 1584–2301"],
      ["pause 2301–2302", "wait 2302–3498", "stream 3498–5320"],
    ])
    expect(trySpans(eventful).at(-1)?.points).toEqual([{ at: 3_498, label: "first token" }])
    expect(endOf(eventful)).toBe(5_322)
  })

  test("of an answer that was not streamed are one wait", () => {
    const { firstTokenMs: _, ...plain } = call({ stream: false })
    expect(trySpans(plain)[0]?.spans.map(({ kind }) => kind)).toEqual(["wait"])
  })

  test("of a call that failed or was never sent have no answer", () => {
    expect(trySpans(failed).flatMap(({ spans }) => spans.map(({ kind }) => kind))).toEqual(["failed"])
    expect(trySpans(call({ tries: [] }))).toEqual([])
  })
})

test("an axis starts at zero and has a few even steps", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1e7, noNaN: true }), (until) => {
      const ticks = ticksFor(until)
      expect(ticks[0]).toBe(0)
      expect(ticks.length).toBeGreaterThanOrEqual(2)
      expect(ticks.length).toBeLessThanOrEqual(6)
      expect(ticks.at(-1) ?? 0).toBeLessThanOrEqual(until)
    }),
  )
})
