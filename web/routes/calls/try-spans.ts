import type { CallRecord } from "../../../src/http/api/types.ts"
import type { Span, SpanRow } from "../../components/span-chart.tsx"

type TryRecord = CallRecord["tries"][number]

/** One row a try: what it waited for, and when. Times are in milliseconds after the call's start. */
export function trySpans(call: CallRecord): readonly SpanRow[] {
  return call.tries.map((made, index) => {
    const before = call.tries[index - 1]
    const answered = made.error === undefined && index === call.tries.length - 1
    const first = answered ? call.firstTokenMs : undefined
    const spans = [
      ...pauseBefore(made, before),
      ...span("queue", "waiting for a free slot", made.startMs, made.startMs + made.queueMs),
      ...upstreamSpans(made, first, call),
    ]
    return {
      id: String(index),
      spans,
      ...(first === undefined ? {} : { points: [{ at: first, label: "first token" }] }),
    }
  })
}

/** The axis goes to the end of whatever came last. */
export const endOf = (call: CallRecord): number => Math.max(call.durationMs, ...call.tries.map(({ endMs }) => endMs))

function upstreamSpans(made: TryRecord, first: number | undefined, { end }: CallRecord): readonly Span[] {
  const sent = made.startMs + made.queueMs
  if (made.error !== undefined) return span("failed", `failed (${made.error.kind})`, sent, made.endMs)
  if (first === undefined) return span("wait", "waiting for the answer", sent, made.endMs)
  const word = end === "complete" ? "answer" : `answer, ${end}`
  return [...span("wait", "waiting for the first token", sent, first), ...span("stream", word, first, made.endMs)]
}

function pauseBefore(made: TryRecord, before: TryRecord | undefined): readonly Span[] {
  return before === undefined ? [] : span("pause", "pause before this try", before.endMs, made.startMs)
}

const span = (kind: Span["kind"], label: string, from: number, to: number): readonly Span[] =>
  to > from ? [{ kind, label, from, to }] : []
