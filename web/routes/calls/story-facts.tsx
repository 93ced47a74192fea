import type { ComponentChildren } from "preact"
import type { CallRecord } from "../../../src/http/api/types.ts"
import { CopyButton } from "../../components/copy-button.tsx"
import { bytes, count, duration, money, unknown } from "../../components/figures.ts"
import { Time } from "../../components/time.tsx"
import { isAnswered, tokensOf } from "./call-facts.ts"

/** A call's figures, each with its unit; what is not known says so. */
export function StoryFacts({ call }: { readonly call: CallRecord }) {
  const tokens = tokensOf(call)
  const absent = isAnswered(call) ? unknown : "none"
  const { requestedModel, at, durationMs, firstTokenMs, cost, keyName, lane, path, stream, wire, stop } = call
  return (
    <>
      <dl class="story-figures">
        <Fact name="Total">{duration(durationMs)}</Fact>
        <Fact name="First token">{firstTokenMs === undefined ? (stream ? absent : "not streamed") : duration(firstTokenMs)}</Fact>
        <Fact name="Tokens in → out">{tokens === undefined ? absent : `${count(tokens.input)} → ${count(tokens.output)}`}</Fact>
        <Fact name="Cost">{cost === undefined ? absent : money(cost)}</Fact>
      </dl>
      <dl class="story-facts">
        <Fact name="Asked for">
          <span class="mono">{requestedModel}</span>
        </Fact>
        <Fact name="Time">
          <Time at={at} />
        </Fact>
        {keyName !== undefined && <Fact name="Key">{keyName}</Fact>}
        {lane !== undefined && <Fact name="Lane">{lane === "relay" ? "relayed as it came" : "translated"}</Fact>}
        <Fact name="Through">
          <span class="mono">{path}</span> <span class="quiet">{wire}</span>
        </Fact>
        <Fact name="Size in → out">
          {bytes(call.requestBytes)} → {bytes(call.responseBytes)}
        </Fact>
        {stop !== undefined && (
          <Fact name="Stopped by">
            {stop.reason} {stop.raw !== stop.reason && <span class="quiet">{stop.raw}</span>}
          </Fact>
        )}
        {call.caller !== undefined && <Fact name="Caller">{call.caller}</Fact>}
        {call.sessionId !== undefined && (
          <Fact name="Session" whole>
            <span class="mono">{call.sessionId}</span>
          </Fact>
        )}
        {call.userAgent !== undefined && <Fact name="Client">{call.userAgent}</Fact>}
        <Fact name="Id" whole action={<CopyButton text={call.id} what="id" />}>
          <span class="mono">{call.id}</span>
        </Fact>
      </dl>
    </>
  )
}

interface FactProps {
  readonly name: string
  /** Stands beside the name, where there is room in the narrowest page. */
  readonly action?: ComponentChildren
  /** Has a line of its own. */
  readonly whole?: boolean
  readonly children: ComponentChildren
}

const Fact = ({ name, action, whole = false, children }: FactProps) => (
  <div class={whole ? "fact fact-whole" : "fact"}>
    <dt>
      {name} {action}
    </dt>
    <dd>{children}</dd>
  </div>
)

/** Token classes as they are billed, where there is more to say than in and out. */
export function UsageLines({ call }: { readonly call: CallRecord }) {
  const tokens = tokensOf(call)
  if (tokens === undefined || tokens.classes.length <= 2) return null
  return (
    <section class="story-part" aria-labelledby="usage-title">
      <h3 id="usage-title">Usage</h3>
      <ul class="usage">
        {tokens.classes.map(([name, tally]) => (
          <li key={name}>
            <span class="number">{count(tally)}</span> {name}
          </li>
        ))}
        {call.usage !== undefined && call.usage.unexplained !== 0 && (
          <li>
            <span class="number">{count(call.usage.unexplained)}</span> unexplained
          </li>
        )}
      </ul>
    </section>
  )
}

/** What was lost or adapted between the caller's format and the provider's. */
export const Notices = ({ call: { notices } }: { readonly call: CallRecord }) =>
  notices.length === 0 ? null : (
    <section class="story-part" aria-labelledby="notices-title">
      <h3 id="notices-title">Notices</h3>
      <ul class="notices">
        {notices.map(({ code, path, effect, side, count: times }) => (
          <li key={`${side}${code}${path}`}>
            <span class={effect === "adapted" ? "chip" : "chip chip-warning"}>{effect}</span> {code}{" "}
            <span class="mono">{path}</span>{" "}
            <span class="quiet">
              {side}
              {times > 1 && `, ${count(times)} times`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
