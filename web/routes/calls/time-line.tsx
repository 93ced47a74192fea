import { useSignal } from "@preact/signals"
import type { CallRecord } from "../../../src/http/api/types.ts"
import { duration } from "../../components/figures.ts"
import { Mark } from "../../components/mark.tsx"
import { SpanChart } from "../../components/span-chart.tsx"
import { Swatch } from "../../components/swatch.tsx"
import { endOf, trySpans } from "./try-spans.ts"

/** Why this target, what was tried, how long each part took. */
export function TimeLine({ call }: { readonly call: CallRecord }) {
  const asTable = useSignal(false)
  return (
    <section class="story-part" aria-labelledby="route-title">
      <header class="story-part-head">
        <h3 id="route-title">Route and tries</h3>
        {call.tries.length > 0 && (
          <button
            type="button"
            class="button button-small button-quiet"
            onClick={() => {
              asTable.value = !asTable.value
            }}
          >
            {asTable.value ? "As a picture" : "As a table"}
          </button>
        )}
      </header>
      {call.route.length > 0 && (
        <ol class="route">
          {call.route.map((line) => (
            <li key={line}>
              {line}
              {isSpared(call, line) && <span class="chip">not asked</span>}
            </li>
          ))}
        </ol>
      )}
      {call.tries.length === 0 && <p class="quiet">No provider was asked.</p>}
      {call.tries.length > 0 && (asTable.value ? <TryTable call={call} /> : <TryPicture call={call} />)}
    </section>
  )
}

/** Whether a line of the route names a fallback that it never came to. */
const isSpared = ({ tries }: CallRecord, line: string): boolean =>
  / fallback \d+$/.test(line) && !tries.some(({ provider, model }) => line.startsWith(`${provider}/${model}: `))

type TryRecord = CallRecord["tries"][number]

const isAnswer = (call: CallRecord, made: TryRecord): boolean => made.error === undefined && made === call.tries.at(-1)

function TryPicture({ call }: { readonly call: CallRecord }) {
  const rows = trySpans(call)
  const kinds = new Set(rows.flatMap(({ spans }) => spans.map(({ kind }) => kind)))
  return (
    <>
      <SpanChart
        rows={rows}
        until={endOf(call)}
        head={(_, index) => <TryHead made={call.tries[index]} />}
        tail={(_, index) => <TryTail call={call} made={call.tries[index]} />}
      />
      <p class="legend">
        {legend.map(([kind, word]) =>
          kinds.has(kind) ? (
            <span key={kind} class="legend-entry">
              <svg width="16" height="12" aria-hidden="true">
                {kind === "pause" ? (
                  <line class="spans-pause" x1="0" x2="16" y1="6" y2="6" />
                ) : (
                  <rect class={`spans-${kind}`} width="16" height="12" rx="2" />
                )}
              </svg>
              {kind === "wait" && call.firstTokenMs === undefined ? "wait for the answer" : word}
            </span>
          ) : null,
        )}
        <span class="legend-entry">the gateway itself: {duration(call.overheadUs / 1_000)}</span>
      </p>
    </>
  )
}

const legend = [
  ["pause", "pause"],
  ["queue", "queue"],
  ["wait", "wait for the first token"],
  ["stream", "answer"],
  ["failed", "failed"],
] as const

const TryHead = ({ made }: { readonly made: TryRecord | undefined }) =>
  made === undefined ? null : (
    <>
      <span class="try-target" title={`${made.provider}/${made.model}`}>
        <Swatch name={made.provider} />
        <span class="quiet">{made.provider}/</span>
        {made.model}
      </span>
      <span class="quiet">
        {[made.keyName === undefined ? undefined : `key ${made.keyName}`, made.lane].filter(Boolean).join(" · ")}
      </span>
    </>
  )

const doneAbout = ({ action, resent }: TryRecord): string =>
  resent ? `${action}, sent twice: a kept connection had just been closed` : action

const outcomeOf = ({ status, error }: TryRecord): string =>
  status === undefined
    ? `no answer${error === undefined ? "" : `: ${error.kind}`}`
    : [status, error?.kind].filter(Boolean).join(" ")

function TryTail({ call, made }: { readonly call: CallRecord; readonly made: TryRecord | undefined }) {
  if (made === undefined) return null
  return (
    <>
      <Mark tone={made.error !== undefined ? "bad" : call.end === "complete" ? "good" : "warning"} word={outcomeOf(made)} />
      <span class="quiet">
        after {duration(made.endMs - made.startMs)}: {doneAbout(made)}
      </span>
    </>
  )
}

const TryTable = ({ call }: { readonly call: CallRecord }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
  <section class="wide" tabIndex={0} aria-label="Tries as a table">
    <table class="table">
      <thead>
        <tr>
          <th scope="col">Target</th>
          <th scope="col">Key</th>
          <th scope="col" class="number">
            Start
          </th>
          <th scope="col" class="number">
            Queue
          </th>
          <th scope="col" class="number">
            First token
          </th>
          <th scope="col" class="number">
            End
          </th>
          <th scope="col">Outcome</th>
        </tr>
      </thead>
      <tbody>
        {call.tries.map((made, index) => (
          <tr key={String(index)}>
            <td>
              {made.provider}/{made.model}
            </td>
            <td>{made.keyName ?? "–"}</td>
            <td class="number">{duration(made.startMs)}</td>
            <td class="number">{duration(made.queueMs)}</td>
            <td class="number">{isAnswer(call, made) && call.firstTokenMs !== undefined ? duration(call.firstTokenMs) : "–"}</td>
            <td class="number">{duration(made.endMs)}</td>
            <td>
              {outcomeOf(made)}; {doneAbout(made)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)
