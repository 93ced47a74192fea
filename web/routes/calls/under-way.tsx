import { duration } from "../../components/figures.ts"
import { Mark } from "../../components/mark.tsx"
import { type Span, SpanChart } from "../../components/span-chart.tsx"
import { Swatch } from "../../components/swatch.tsx"
import { type Attempt, attempt, stop } from "../../state/attempt.ts"
import { now } from "../../state/clock.ts"
import type { Turn } from "../../state/conversation.ts"
import { Conversation } from "./conversation.tsx"
import { StoryBar } from "./story-bar.tsx"

/** The call that this page is making, as far as it has come. Its story takes this one's place when it ends. */
export function UnderWay() {
  const made = attempt.value
  if (made === undefined) return null
  const provider = made.target?.split("/")[0]
  return (
    <>
      <StoryBar>
        <Mark tone="busy" word="under way" />
        <h2 class="story-title">
          {provider !== undefined && <Swatch name={provider} />}
          {made.target ?? made.model}
        </h2>
      </StoryBar>
      <section class="story-part" aria-labelledby="under-way-title">
        <header class="story-part-head">
          <h3 id="under-way-title">So far</h3>
          <button type="button" class="button" onClick={stop}>
            Stop
          </button>
        </header>
        <SpanChart
          rows={[{ id: "0", spans: spansOf(made) }]}
          until={untilNow(made)}
          head={() => made.target ?? made.model}
          tail={() => (made.firstTokenMs === undefined ? "no token yet" : `first token after ${duration(made.firstTokenMs)}`)}
        />
      </section>
      <Conversation turns={turnsOf(made)} />
    </>
  )
}

/** In milliseconds after it was sent; the axis is never shorter than a second. */
const untilNow = ({ at, firstTokenMs = 0 }: Attempt): number => Math.max(1_000, firstTokenMs, now.value - at)

function spansOf(made: Attempt): readonly Span[] {
  const until = untilNow(made)
  const first = made.firstTokenMs ?? until
  const wait: Span = { kind: "wait", label: "waiting for the first token", from: 0, to: first }
  return first < until ? [wait, { kind: "stream", label: "answer", from: first, to: until }] : [wait]
}

const turnsOf = ({ prompt, reasoning, text }: Attempt): readonly Turn[] => [
  { role: "user", parts: [{ type: "text", text: prompt }] },
  {
    role: "assistant",
    parts: [
      ...(reasoning === "" ? [] : [{ type: "reasoning" as const, text: reasoning }]),
      ...(text === "" ? [] : [{ type: "text" as const, text }]),
    ],
  },
]
