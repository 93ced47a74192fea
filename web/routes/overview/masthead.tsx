import type { StatusView } from "../../../src/http/api/types.ts"
import { briefCount, count } from "../../components/figures.ts"
import { Mark, type Tone } from "../../components/mark.tsx"
import { StepLink } from "../../components/step-link.tsx"
import { Since, Time } from "../../components/time.tsx"
import { addressWith, go } from "../../state/address.ts"
import { now } from "../../state/clock.ts"
import { type Connection as ConnectionState, connection } from "../../state/connection.ts"
import { askToSignIn, guarded, signOut } from "../../state/session.ts"
import { status } from "../../state/status.ts"
import { Brand } from "./brand.tsx"

/** What the gateway is, how it does, and whether this page still hears from it. */
export function Masthead({ onHelp }: { onHelp(): void }) {
  const known = status.current.value
  return (
    <header class="masthead">
      <Brand {...(known.state === "ready" ? { version: known.value.version } : {})} />
      <nav class="jumps" aria-label="Parts of this page">
        <a href="#try">Try</a>
        <a href="#connect">Connect</a>
        <a href="#providers">Providers</a>
        <a href="#calls">Calls</a>
      </nav>
      {known.state === "loading" && <Figures view={unheard} pending />}
      {known.state === "ready" && <Figures view={known.value} {...(known.stale === undefined ? {} : { heardAt: known.at })} />}
      <div class="masthead-end">
        <Connection />
        <Session />
        <button type="button" class="button button-quiet" onClick={onHelp} aria-label="Keyboard help" aria-keyshortcuts="?">
          <kbd>?</kbd>
        </button>
      </div>
    </header>
  )
}

const tones: Readonly<Record<StatusView["state"], Tone>> = {
  serving: "good",
  degraded: "warning",
  draining: "warning",
  unable: "bad",
}

type FiguresView = Pick<StatusView, "state" | "startedAt" | "totals" | "log" | "providers">

/** Takes the room of what is on its way, unseen, so that nothing moves when it comes. */
const unheard: FiguresView = {
  state: "serving",
  startedAt: Date.now(),
  totals: { calls: 1_000, errors: 10, active: 0 },
  log: { state: "ok", queued: 0, dropped: 0, written: 0 },
  providers: [],
}

interface FiguresProps {
  readonly view: FiguresView
  readonly pending?: boolean
  /** When the gateway said so, where it has not answered since. */
  readonly heardAt?: number
}

function Figures({ view: { state, startedAt, totals, log, providers }, pending = false, heardAt }: FiguresProps) {
  if (heardAt !== undefined)
    return (
      <p class="figures-past quiet">
        Last heard of at <Time at={heardAt} />: {state}, {count(totals.calls)} calls since start, {count(totals.errors)} errors
      </p>
    )
  return (
    <dl class={pending ? "figures is-pending" : "figures"}>
      <div class="figure">
        <dt>Gateway</dt>
        <dd>
          <Mark tone={tones[state]} word={state} />
        </dd>
      </div>
      <div class="figure">
        <dt>Providers</dt>
        <dd>
          <a class="figure-link" href="#providers">
            <ProviderSum providers={providers} />
          </a>
        </dd>
      </div>
      <div class="figure">
        <dt>Active</dt>
        <dd>{count(totals.active)}</dd>
      </div>
      <div class="figure">
        <dt>Log</dt>
        <dd>
          <LogState log={log} />
        </dd>
      </div>
      <div class="figure">
        <dt>Up</dt>
        <dd>
          <Since at={startedAt} />
        </dd>
      </div>
      <div class="figure">
        <dt>Calls since start</dt>
        <dd title={`${count(totals.calls)} since the start`}>{briefCount(totals.calls)}</dd>
      </div>
      <div class="figure">
        <dt>Errors</dt>
        <dd title={`${count(totals.errors)} since the start`}>
          <StepLink href={addressWith({ status: "error" })} go={() => go({ status: "error" })}>
            {briefCount(totals.errors)}
          </StepLink>
          <span class="quiet">{shareOf(totals)}</span>
        </dd>
      </div>
    </dl>
  )
}

function ProviderSum({ providers }: Pick<StatusView, "providers">) {
  const ready = providers.filter(({ keys, modelsError }) => modelsError === undefined && !isCooling(keys)).length
  const tone: Tone = providers.length === 0 ? "bad" : ready === providers.length ? "good" : "warning"
  return (
    <Mark
      tone={tone}
      word={ready === providers.length ? `${count(ready)} ready` : `${count(ready)} of ${count(providers.length)} ready`}
    />
  )
}

const isCooling = (keys: StatusView["providers"][number]["keys"]): boolean =>
  keys.some(({ cooling }) => cooling !== undefined && cooling.until > now.value)

const shareOf = ({ calls, errors }: StatusView["totals"]): string =>
  calls === 0 || errors === 0 ? "" : ` (${errors / calls < 0.001 ? "< 0.1" : ((errors / calls) * 100).toFixed(1)} %)`

function LogState({ log: { state, dropped, lastError } }: Pick<StatusView, "log">) {
  const tone: Tone = state === "ok" ? "good" : state === "off" ? "quiet" : state === "degraded" ? "warning" : "bad"
  const lost = dropped > 0 ? `, ${count(dropped)} dropped` : ""
  return (
    <span title={lastError}>
      <Mark tone={dropped > 0 && tone === "good" ? "warning" : tone} word={`${state}${lost}`} />
    </span>
  )
}

/** Says that the connection is lost, once and quietly; nothing else on the page does. */
function Connection() {
  const now = connection.value
  return (
    <span role="status" title={now.state === "lost" ? now.reason : undefined}>
      <ConnectionMark state={now.state} />
    </span>
  )
}

/** The way in again where the session is over, the way out where there is one. */
function Session() {
  if (connection.value.state === "signed-out")
    return (
      <button type="button" class="button button-small" onClick={askToSignIn}>
        Sign in
      </button>
    )
  if (!guarded.value) return null
  return (
    <button type="button" class="button button-small" onClick={() => void signOut()}>
      Sign out
    </button>
  )
}

function ConnectionMark({ state }: { readonly state: ConnectionState["state"] }) {
  switch (state) {
    case "live":
      return <Mark tone="good" word="live" />
    case "connecting":
      return <Mark tone="busy" word="connecting" />
    case "feed-lost":
      return <Mark tone="warning" word="live feed lost, trying again" />
    case "signed-out":
      return <Mark tone="warning" word="signed out" />
    case "lost":
      return <Mark tone="bad" word="connection lost, trying again" />
    default:
      return state satisfies never
  }
}
