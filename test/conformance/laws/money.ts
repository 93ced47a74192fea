import { collect } from "../../../src/core/collect.ts"
import type { Frame, Machine, StreamEnd } from "../../../src/core/event.ts"
import { totals, type Usage } from "../../../src/core/usage.ts"
import type { Mark, Wire } from "../../../src/core/wire.ts"
import { responseCodec } from "../bodies.ts"
import { isRecord, must, mustEqual } from "../difference.ts"
import { trial } from "../exchange.ts"
import { type Fixture, jsonOf } from "../fixtures.ts"
import type { Law } from "../law.ts"
import { decodeFrames, framesOf, run } from "../streams.ts"
import { streamUsage, vendorTotal } from "../totals-of-vendors.ts"

/** Figures worked out by hand from the recordings. */
const figures: Readonly<
  Record<string, { readonly input: number; readonly output: number; readonly models?: readonly string[] }>
> = {
  "anthropic-messages response anthropic-compaction.1": { input: 61_067, output: 1_912 },
  "anthropic-messages stream anthropic-compaction.1": { input: 60_997, output: 3_341 },
  "anthropic-messages response anthropic-advisor-20260301.1": { input: 5_142, output: 4_074, models: ["claude-opus-4-7"] },
  "anthropic-messages stream anthropic-advisor-20250301.1": { input: 7_455, output: 7_271, models: ["claude-opus-4-7"] },
  "anthropic-messages stream anthropic-message-delta-input-tokens": { input: 61, output: 2 },
  "anthropic-messages stream ag-stream-message-delta-usage": { input: 34_347, output: 49 },
  "openai-chat response xai-text": { input: 12, output: 229 },
  "openai-chat response ag-cache-write": { input: 1_000, output: 10 },
  "openai-responses response ag-tool": { input: 30, output: 5 },
}

const figureOf = (fixture: Fixture) =>
  fixture.source === "recorded" ? figures[`${fixture.wire} ${fixture.kind} ${fixture.name}`] : undefined

function usageOf(fixture: Fixture, wire: Wire): Usage | undefined {
  if (fixture.kind === "response") return responseCodec(wire, jsonOf(fixture)).value.usage
  return collect(decodeFrames(wire, trial(wire, wire), framesOf([fixture.bytes]))).usage
}

function vendorUsage(fixture: Fixture): unknown {
  if (fixture.kind === "stream") return streamUsage(fixture.wire, framesOf([fixture.bytes]))
  const body: unknown = jsonOf(fixture)
  return isRecord(body) ? body.usage : undefined
}

function mustBeSound(usage: Usage, what: string): void {
  for (const line of usage.lines)
    for (const [name, count] of Object.entries(line.tokens))
      must(Number.isInteger(count) && count >= 0, `${what}: ${name}`, count)
  must(Number.isInteger(usage.unexplained), `${what}: unexplained`, usage.unexplained)
}

const lastUsage = (marks: readonly Mark[]): Usage | undefined => marks.findLast((mark) => mark.usage !== undefined)?.usage
const tapped = (tap: Machine<Frame, Mark>, frames: readonly Frame[], end: StreamEnd = "eof"): Mark[] => run(tap, frames, end)

const booked = (usage: Usage | undefined) => usage && { lines: usage.lines, unexplained: usage.unexplained }

/** What is billed is what the vendor counted. */
export const money: Law = {
  title: "L12 money",
  fixtures: [
    {
      title: "the lines and what they leave unexplained make the vendor's total",
      kinds: ["response", "stream"],
      when: (fixture) => vendorTotal(fixture.wire, vendorUsage(fixture)) !== undefined,
      check(fixture, { wire }) {
        const usage = usageOf(fixture, wire)
        must(usage !== undefined, "no usage")
        if (!usage) return
        mustBeSound(usage, "usage")
        mustEqual(vendorTotal(fixture.wire, vendorUsage(fixture)), totals(usage).total + usage.unexplained, "total")
      },
    },
    {
      title: "the known traps have their figures",
      kinds: ["response", "stream"],
      when: (fixture) => figureOf(fixture) !== undefined,
      check(fixture, { wire }) {
        const usage = usageOf(fixture, wire)
        const expected = figureOf(fixture)
        if (!usage || !expected) throw new Error("no usage")
        const { input, output } = totals(usage)
        mustEqual({ input: expected.input, output: expected.output }, { input, output }, "figures")
        const models = usage.lines.flatMap((line) => (line.model === undefined ? [] : [line.model]))
        for (const model of expected.models ?? []) must(models.includes(model), `no line for ${model}`, models)
      },
    },
    {
      title: "a relay counts what a translation counts",
      kinds: ["response", "stream"],
      check(fixture, { wire }) {
        const counted = booked(usageOf(fixture, wire))
        if (fixture.kind === "response") {
          mustEqual(counted, booked(wire.response.peek(fixture.bytes).usage), "peek")
          return
        }
        mustEqual(counted, booked(lastUsage(tapped(wire.stream.tap(), framesOf([fixture.bytes])))), "tap")
      },
    },
    {
      title: "a cut after any frame leaves sound figures",
      kinds: ["stream"],
      check(fixture, { wire }) {
        const frames = framesOf([fixture.bytes])
        const stride = Math.max(1, Math.floor(frames.length / 12))
        for (let length = 1; length <= frames.length; length += stride) {
          const { usage } = collect(decodeFrames(wire, trial(wire, wire), frames.slice(0, length), "cut"))
          if (usage) mustBeSound(usage, `cut after ${length} frames`)
          const seen = lastUsage(tapped(wire.stream.tap(), frames.slice(0, length), "cut"))
          mustEqual(booked(usage), booked(seen), `cut after ${length} frames: tap`)
        }
      },
    },
  ],
}
