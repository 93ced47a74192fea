import { Message, Pending } from "../../components/message.tsx"
import { filterProvider, filterStatus, filterText, go, showCall } from "../../state/address.ts"
import * as calls from "../../state/calls.ts"
import { connection } from "../../state/connection.ts"
import { status } from "../../state/status.ts"

/** What a call's id looks like, whole. */
const wholeId = /^[\w-]{16,64}$/

/** Where the rows would be: on their way, failed, filtered away, not kept, or not there yet. */
export function NoCalls() {
  if (calls.listState.value === "loading") return <Pending lines={8} label="Loading the calls" />
  if (calls.searching.value) return <Pending lines={8} label="Searching the log" />
  if (calls.listState.value === "failed" && connection.value.state === "lost")
    return <Message tone="quiet" title="The calls come when the gateway answers" />
  if (calls.listState.value === "failed")
    return (
      <Message tone="bad" title="The calls could not be loaded">
        <p>{calls.listError.value}</p>
        <button type="button" class="button" onClick={() => void calls.loadCalls()}>
          Try again
        </button>
      </Message>
    )
  if (calls.listPartial.value)
    return (
      <Message tone="warning" title="Nothing found yet: the log took too long">
        <div class="message-actions">
          <button
            type="button"
            class="button"
            onClick={() => void (calls.hasOlder.value ? calls.loadOlder() : calls.loadCalls())}
          >
            Go on looking
          </button>
          {wholeId.test(filterText.value) && (
            <button type="button" class="button" onClick={() => showCall(filterText.value)}>
              Open the call with this id
            </button>
          )}
        </div>
      </Message>
    )
  if (calls.unreadableDays.value.length > 0)
    return <Message tone="warning" title={`No call found; those of ${calls.unreadableDays.value.join(", ")} cannot be read`} />
  const filtered = filterText.value !== "" || filterStatus.value !== undefined || filterProvider.value !== undefined
  if (filtered)
    return (
      <Message tone="quiet" title="No call matches the filters">
        <button type="button" class="button" onClick={() => go({ q: undefined, status: undefined, provider: undefined })}>
          Clear the filters
        </button>
      </Message>
    )
  const known = status.current.value
  if (known.state === "ready" && known.value.log.state === "off")
    return (
      <Message tone="quiet" title="Calls are not kept">
        Logging is off in the configuration. Calls that come in while this page is open still show here.
      </Message>
    )
  return (
    <Message tone="quiet" title="No calls yet">
      <p>
        <a href="#connect">Paste a snippet</a> into your code, or <a href="#try">try a model</a> here: the call shows up at once.
      </p>
    </Message>
  )
}

/** Below the last row: whether there is more. */
export function ListFoot() {
  if (calls.listError.value !== undefined)
    return (
      <div class="list-foot" role="alert">
        Older calls could not be loaded: {calls.listError.value}{" "}
        <button type="button" class="button button-small" onClick={() => void calls.loadOlder()}>
          Try again
        </button>
      </div>
    )
  if (calls.searching.value) return <div class="list-foot">Searching the log…</div>
  if (calls.loadingOlder.value) return <div class="list-foot">Loading older calls…</div>
  if (calls.listPartial.value)
    return (
      <div class="list-foot">
        This list is not complete: the log took too long.{" "}
        <button type="button" class="button button-small" onClick={() => void calls.loadOlder()}>
          Go on
        </button>
      </div>
    )
  if (calls.hasOlder.value)
    return (
      <div class="list-foot">
        <button type="button" class="button button-small" onClick={() => void calls.loadOlder()}>
          Load older calls
        </button>
      </div>
    )
  if (calls.loadedCount.value >= 2_000) return <div class="list-foot">The newest 2,000 calls</div>
  if (calls.unreadableDays.value.length > 0)
    return <div class="list-foot">That is all that can be read: of {calls.unreadableDays.value.join(", ")} calls are missing</div>
  return <div class="list-foot">That is all</div>
}
