import { now } from "../state/clock.ts"
import { clock, longSpan, moment } from "./figures.ts"

/** A moment in local time; the offset from UTC shows on hover. */
export const Time = ({ at }: { readonly at: number }) => (
  <time dateTime={new Date(at).toISOString()} title={moment(at)}>
    {clock(at, now.value)}
  </time>
)

/** How long it has been. */
export const Since = ({ at }: { readonly at: number }) => (
  <time dateTime={new Date(at).toISOString()} title={`since ${moment(at)}`}>
    {longSpan(Math.max(0, now.value - at))}
  </time>
)
