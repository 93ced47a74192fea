import type { CallRecord } from "../../../src/http/api/types.ts"
import { briefClock, count, duration, moment, money, unknown } from "../../components/figures.ts"
import { Mark } from "../../components/mark.tsx"
import { Swatch } from "../../components/swatch.tsx"
import { addressWith, showCall } from "../../state/address.ts"
import { now } from "../../state/clock.ts"
import { isAnswered, tokensOf, verdictOf } from "./call-facts.ts"

export interface RowProps {
  readonly call: CallRecord
  readonly open: boolean
  /** The one row that Tab reaches; `j` and `k` move it. */
  readonly current: boolean
}

/** One call on one line: a link to its story. */
export function Row({ call, open, current }: RowProps) {
  const { id, at, provider, requestedModel, model, status, durationMs, firstTokenMs, cost } = call
  const verdict = verdictOf(call)
  const tokens = tokensOf(call)
  const roomy = tokens === undefined && call.error !== undefined
  const plain = outcomeWords(call).length === 0
  return (
    <a
      class={`row${open ? " is-open" : ""}${roomy ? " is-roomy" : ""}${plain ? " is-plain" : ""}`}
      href={addressWith({ call: id })}
      tabIndex={current ? 0 : -1}
      data-call={id}
      aria-current={open ? "true" : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        showCall(id)
      }}
    >
      <span class="cell-time">
        <time dateTime={new Date(at).toISOString()} title={moment(at)}>
          {briefClock(at, now.value)}
        </time>
      </span>
      <span class="cell-state" title={call.error?.message ?? verdict.word}>
        <Mark tone={verdict.tone} word={verdict.word} hidden />
        <span>{status}</span>
      </span>
      <span class="cell-model" title={requestedModel}>
        {provider !== undefined && <Swatch name={provider} />}
        {provider !== undefined && <span class="quiet">{provider}/</span>}
        {(model ?? requestedModel) === "" ? <span class="quiet">no model</span> : <span>{model ?? requestedModel}</span>}
      </span>
      <span class="cell-from" title={fromOf(call)}>
        {fromOf(call)}
      </span>
      <Outcome call={call} />
      {!roomy && (
        <span class="cell-tokens" title="Tokens in and out">
          <span class="unseen">tokens </span>
          {tokens === undefined ? <Absent call={call} /> : `${count(tokens.input)} → ${count(tokens.output)}`}
        </span>
      )}
      <span class="cell-cost" title="Cost in US dollars">
        <span class="unseen">cost </span>
        {cost === undefined ? <Absent call={call} /> : money(cost)}
      </span>
      <span class="cell-first" title="Time to the first token">
        <span class="unseen">first token </span>
        {firstTokenMs === undefined ? "–" : duration(firstTokenMs)}
      </span>
      <span class="cell-total" title="Whole duration">
        <span class="unseen">total </span>
        {duration(durationMs)}
      </span>
    </a>
  )
}

const fromOf = ({ dialect, method, stream }: CallRecord): string =>
  [dialect, ...(method === "chat" ? [] : [method]), ...(stream ? ["stream"] : [])].join(" · ")

/** What there is to say of a call beyond that it went well at once, with the class that says it. */
function outcomeWords({ tries, error, end, notices }: CallRecord): readonly (readonly [string, string])[] {
  return [
    ...(tries.length > 1 ? [["chip chip-warning", `${count(tries.length)} tries`] as const] : []),
    ...(error === undefined ? [] : [[end === "aborted" ? "cell-error quiet" : "cell-error", error.kind] as const]),
    ...(notices.length === 0 ? [] : [["chip", notices.length === 1 ? "1 notice" : `${count(notices.length)} notices`] as const]),
  ]
}

function Outcome({ call }: Pick<RowProps, "call">) {
  const words = outcomeWords(call)
  return (
    <span class="cell-note" title={words.map(([, word]) => word).join(", ") || undefined}>
      {words.map(([look, word]) => (
        <span key={word} class={look}>
          {word}
        </span>
      ))}
    </span>
  )
}

/** A figure that a call has and nobody knows, or one that it has not: it was never answered. */
const Absent = ({ call }: Pick<RowProps, "call">) => <span class="quiet">{isAnswered(call) ? unknown : "–"}</span>

/** Names of the columns, for eyes; each cell says itself what it is. */
export const RowHead = () => (
  <div class="row row-head" aria-hidden="true">
    <span class="cell-time">Time</span>
    <span class="cell-state">Status</span>
    <span class="cell-model">Model</span>
    <span class="cell-from">From</span>
    <span class="cell-note">Outcome</span>
    <span class="cell-tokens">Tokens in → out</span>
    <span class="cell-cost">Cost</span>
    <span class="cell-first">First token</span>
    <span class="cell-total">Total</span>
  </div>
)
