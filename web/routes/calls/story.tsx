import { useEffect, useLayoutEffect, useRef } from "preact/hooks"
import { Mark } from "../../components/mark.tsx"
import { Message, Pending } from "../../components/message.tsx"
import { Swatch } from "../../components/swatch.tsx"
import { openCall } from "../../state/address.ts"
import { connection } from "../../state/connection.ts"
import { addShortcuts } from "../../state/shortcuts.ts"
import { isUnderWay, loadStory, type Story as StoryState, story } from "../../state/story.ts"
import { destinationOf, verdictOf } from "./call-facts.ts"
import { Payloads } from "./payloads.tsx"
import { leave, StoryBar } from "./story-bar.tsx"
import { Notices, StoryFacts, UsageLines } from "./story-facts.tsx"
import { TimeLine } from "./time-line.tsx"
import { UnderWay } from "./under-way.tsx"

export interface StoryProps {
  readonly id: string
  /** Nothing else can be reached while it is open, so it takes the focus. */
  readonly alone: boolean
}

/** One call from the question to the answer. */
export function Story({ id, alone }: StoryProps) {
  const pane = useRef<HTMLElement>(null)
  const known = story.value
  useLayoutEffect(() => {
    return addShortcuts(
      {
        keys: ["Escape"],
        does: "Close the call",
        inFields: true,
        run: () => openCall.peek() !== undefined && leave(),
      },
      {
        keys: ["o"],
        does: "Go into the open call",
        run() {
          pane.current?.focus()
          return true
        },
      },
    )
  }, [])
  useEffect(() => {
    pane.current?.scrollTo(0, 0)
  }, [id])
  useEffect(() => {
    if (alone) pane.current?.focus()
  }, [alone])
  return (
    <section
      class="story sheet"
      ref={pane}
      tabIndex={-1}
      role={alone ? "dialog" : undefined}
      aria-label="The open call"
      aria-busy={known?.state === "loading"}
    >
      {isUnderWay.value ? (
        <UnderWay />
      ) : known?.state === "ready" ? (
        <Whole story={known.value} />
      ) : (
        <>
          <StoryBar>
            <span class="mono clip">{id}</span>
          </StoryBar>
          {known?.state === "failed" ? (
            <Failed id={id} message={known.message} status={known.status} />
          ) : (
            <Pending lines={10} label="Loading the call" />
          )}
        </>
      )}
    </section>
  )
}

function Whole({ story: { record: call, payloads, payloadsError } }: { readonly story: StoryState }) {
  const verdict = verdictOf(call)
  return (
    <>
      <StoryBar>
        <Mark tone={verdict.tone} word={`${call.status} ${verdict.word}`} />
        <h2 class="story-title">
          {call.provider !== undefined && <Swatch name={call.provider} />}
          {destinationOf(call)}
        </h2>
      </StoryBar>
      {call.error !== undefined && (
        <Message tone="bad" title={`${call.error.kind}: the ${call.error.blame} is at fault`}>
          <p class="wrap">{call.error.message}</p>
        </Message>
      )}
      <StoryFacts call={call} />
      <TimeLine call={call} />
      <Notices call={call} />
      <UsageLines call={call} />
      <Payloads key={call.id} payloads={payloads} error={payloadsError} />
    </>
  )
}

interface FailedProps {
  readonly id: string
  readonly message: string
  readonly status: number | undefined
}

function Failed({ id, message, status }: FailedProps) {
  if (connection.value.state === "lost") return <Message tone="quiet" title="The call comes when the gateway answers" />
  return (
    <Message
      tone={status === 404 ? "warning" : "bad"}
      title={status === 404 ? "This call is not in the log" : "The call could not be loaded"}
    >
      <p>
        {status === 404
          ? "It was not kept, its day has been deleted, or it is still under way: then it shows here when it ends."
          : message}
      </p>
      <button type="button" class="button" onClick={() => void loadStory(id)}>
        Look again
      </button>
    </Message>
  )
}
