import { duration } from "./figures.ts"

/** A stretch of time on one row, in milliseconds. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly kind: "queue" | "wait" | "stream" | "failed" | "pause"
  /** Said on hover, before the figure. */
  readonly label: string
}

export interface SpanRow {
  readonly id: string
  readonly spans: readonly Span[]
  /** Single moments, such as the first token. */
  readonly points?: readonly { readonly at: number; readonly label: string }[]
}

export interface SpanChartProps {
  readonly rows: readonly SpanRow[]
  /** What the axis goes to, in milliseconds; it starts at zero. */
  readonly until: number
  /** Before each row's drawing. */
  head(row: SpanRow, index: number): preact.ComponentChildren
  /** After each row's drawing. */
  tail(row: SpanRow, index: number): preact.ComponentChildren
}

const barHeight = 24

/** Rows of spans over one time axis, drawn in plain SVG. */
export function SpanChart({ rows, until, head, tail }: SpanChartProps) {
  const ticks = ticksFor(until)
  const place = (ms: number) => `${((until <= 0 ? 0 : ms / until) * 100).toFixed(3)}%`
  return (
    <div class="spans">
      {rows.map((row, index) => (
        <div key={row.id} class="spans-row">
          <div class="spans-head">{head(row, index)}</div>
          <svg class="spans-bar" width="100%" height={barHeight} role="img" aria-label={describe(row)}>
            {ticks.map((tick) => (
              <line key={tick} class="spans-tick" x1={place(tick)} x2={place(tick)} y1="0" y2={barHeight} />
            ))}
            {row.spans.map((span) => (
              <SpanBar key={`${span.kind}${span.from}`} span={span} place={place} />
            ))}
            {row.points?.map((point) => (
              <line key={point.label} class="spans-point" x1={place(point.at)} x2={place(point.at)} y1="1" y2={barHeight - 1}>
                <title>{`${point.label} at ${duration(point.at)}`}</title>
              </line>
            ))}
          </svg>
          <div class="spans-tail">{tail(row, index)}</div>
        </div>
      ))}
      <div class="spans-row">
        <div class="spans-head" />
        <svg class="spans-axis" width="100%" height="20" aria-hidden="true">
          {ticks.map((tick) => (
            <text key={tick} class="spans-label" x={place(tick)} y="14" text-anchor={tick === 0 ? "start" : "middle"}>
              {axisLabel(tick, until)}
            </text>
          ))}
        </svg>
        <div class="spans-tail" />
      </div>
    </div>
  )
}

interface SpanBarProps {
  readonly span: Span
  place(ms: number): string
}

function SpanBar({ span, place }: SpanBarProps) {
  const title = (
    <title>{`${span.label}: ${duration(span.to - span.from)} (${duration(span.from)} to ${duration(span.to)})`}</title>
  )
  if (span.kind === "pause")
    return (
      <line class="spans-pause" x1={place(span.from)} x2={place(span.to)} y1={barHeight / 2} y2={barHeight / 2}>
        {title}
      </line>
    )
  const thin = span.kind === "queue"
  return (
    <rect
      class={`spans-${span.kind}`}
      x={place(span.from)}
      width={place(span.to - span.from)}
      y={thin ? 9 : 5}
      height={thin ? barHeight - 18 : barHeight - 10}
      rx="2"
    >
      {title}
    </rect>
  )
}

const describe = ({ spans, points = [] }: SpanRow): string =>
  [
    ...spans.map(({ label, from, to }) => `${label} ${duration(to - from)}`),
    ...points.map(({ label, at }) => `${label} at ${duration(at)}`),
  ].join(", ")

/** One unit for a whole axis. */
function axisLabel(ms: number, until: number): string {
  if (ms === 0) return "0"
  return until < 1_000 ? `${Number(ms.toPrecision(6))} ms` : `${Number((ms / 1_000).toPrecision(6))} s`
}

const mostTicks = 5

/** Zero and round steps below the end, few enough for a narrow drawing. */
export function ticksFor(until: number): readonly number[] {
  if (until <= 0) return [0]
  const rough = until / mostTicks
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5].find((factor) => power * factor >= rough) ?? 10)
  const ticks: number[] = []
  for (let index = 0; index * step <= until * 0.97; index++) ticks.push(index * step)
  return ticks
}
