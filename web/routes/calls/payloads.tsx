import { signal } from "@preact/signals"
import { useLayoutEffect } from "preact/hooks"
import type { PayloadView } from "../../../src/http/api/log-entry.ts"
import { Choice } from "../../components/choice.tsx"
import { Message, Pending } from "../../components/message.tsx"
import { turnsOf } from "../../state/conversation.ts"
import { addShortcuts } from "../../state/shortcuts.ts"
import { Conversation } from "./conversation.tsx"
import { Raw } from "./raw.tsx"

type Side = PayloadView["side"]

const sides: readonly { readonly value: Side; readonly label: string }[] = [
  { value: "client-request", label: "Request" },
  { value: "upstream-request", label: "Request sent on" },
  { value: "upstream-response", label: "Answer received" },
  { value: "client-response", label: "Answer" },
]

const view = signal<"conversation" | Side>("conversation")
/** The raw view that `r` comes back to. */
const lastRaw = signal<Side>("client-request")

const show = (next: "conversation" | Side): void => {
  view.value = next
  if (next !== "conversation") lastRaw.value = next
}

export interface PayloadsProps {
  /** Undefined while they are on their way. */
  readonly payloads: readonly PayloadView[] | undefined
  readonly error: string | undefined
}

/** What was said, and the bytes that said it, one key apart. */
export function Payloads({ payloads: known, error }: PayloadsProps) {
  const payloads = known ?? []
  const kept = sides.filter(({ value }) => payloads.some(({ side }) => side === value))
  useLayoutEffect(
    () =>
      addShortcuts({
        keys: ["r"],
        does: "Conversation or raw bytes",
        run() {
          show(view.peek() === "conversation" ? lastRaw.peek() : "conversation")
          return true
        },
      }),
    [],
  )
  const raw = payloads.find(({ side }) => side === view.value) ?? (view.value === "conversation" ? undefined : payloads[0])
  return (
    <section class="story-part" aria-labelledby="payload-title">
      <header class="story-part-head">
        <h3 id="payload-title">Payload</h3>
        {kept.length > 0 && (
          <Choice
            name="payload"
            legend="What to show"
            options={[{ value: "conversation" as const, label: "Conversation" }, ...kept]}
            value={raw === undefined ? "conversation" : raw.side}
            onChange={show}
          />
        )}
      </header>
      {error !== undefined && (
        <Message tone="warning" title="The payload could not be loaded">
          {error}
        </Message>
      )}
      {error === undefined && known === undefined && <Pending lines={4} label="Loading the payload" />}
      {known?.length === 0 && <p class="quiet">No payload was kept of this call.</p>}
      {payloads.length > 0 && (raw === undefined ? <Decoded payloads={payloads} /> : <Raw key={raw.side} payload={raw} />)}
    </section>
  )
}

/** The caller's own view of it: what came in and what went out. */
function Decoded({ payloads }: { readonly payloads: readonly PayloadView[] }) {
  const from = (side: Side) => payloads.find((payload) => payload.side === side)?.decoded
  const turns = [...turnsOf(from("client-request")), ...turnsOf(from("client-response"))]
  if (turns.length > 0) return <Conversation turns={turns} />
  return (
    <p class="quiet">
      This payload cannot be shown as a conversation. <kbd>r</kbd> shows its bytes.
    </p>
  )
}
