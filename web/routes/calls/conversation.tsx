import { useSignal } from "@preact/signals"
import { count } from "../../components/figures.ts"
import { ShowMore } from "../../components/show-more.tsx"
import type { Part, Turn } from "../../state/conversation.ts"
import { indented } from "../../state/conversation.ts"

/** Turns that are shown at first, and that are added by each press. */
const lastShown = 100
const earlierShown = 400

/** What was said, as a conversation: of a long one its end. Everything is shown as text; nothing in it is ever read as HTML. */
export function Conversation({ turns }: { readonly turns: readonly Turn[] }) {
  const shown = useSignal(lastShown)
  const first = Math.max(0, turns.length - shown.value)
  return (
    <>
      {first > 0 && (
        <button
          type="button"
          class="button button-small turns-more"
          onClick={() => {
            shown.value += earlierShown
          }}
        >
          Show {count(Math.min(first, earlierShown))} earlier turns of {count(turns.length)}
        </button>
      )}
      <ol class="turns" start={first + 1}>
        {turns.slice(first).map((turn, index) => (
          <TurnView key={first + index} turn={turn} />
        ))}
      </ol>
    </>
  )
}

const TurnView = ({ turn: { role, parts } }: { readonly turn: Turn }) => (
  <li class={`turn turn-${role}`}>
    <span class="turn-role">{role}</span>
    <div class="turn-parts">
      {parts.map((part, place) => (
        <PartView key={String(place)} part={part} />
      ))}
    </div>
  </li>
)

function PartView({ part }: { readonly part: Part }) {
  switch (part.type) {
    case "text":
      return <Said text={part.text} />
    case "refusal":
      return (
        <div class="part-refusal">
          <span class="part-label">refusal</span>
          <Said text={part.text} />
        </div>
      )
    case "reasoning":
      return (
        <details class="reasoning">
          <summary>Reasoning, {count(part.text.length)} characters</summary>
          <Said text={part.text} />
        </details>
      )
    case "call":
      return (
        <div class="part-tool">
          <span class="part-label">
            calls <strong>{part.name}</strong> <span class="quiet mono">{part.id}</span>
          </span>
          <Said text={indented(part.input)} mono />
        </div>
      )
    case "result":
      return (
        <div class={part.failed ? "part-tool part-failed" : "part-tool"}>
          <span class="part-label">
            {part.failed ? "failed result" : "result"} <span class="quiet mono">{part.id}</span>
          </span>
          {part.parts.map((inner, index) => (
            <PartView key={String(index)} part={inner} />
          ))}
        </div>
      )
    case "picture":
      return part.data === undefined ? (
        <span class="part-label">
          picture at <span class="mono wrap">{part.address}</span>, not fetched
        </span>
      ) : (
        <img class="part-picture" src={part.data} alt="From the payload" />
      )
    case "other":
      return (
        <details class="reasoning">
          <summary>{part.label}</summary>
          {part.json !== undefined && <Said text={part.json} mono />}
        </details>
      )
    default:
      return part satisfies never
  }
}

const firstShown = 4_000
const moreShown = 200_000

function Said({ text, mono = false }: { readonly text: string; readonly mono?: boolean }) {
  const shown = useSignal(firstShown)
  const cut = text.length > shown.value * 1.25
  return (
    <>
      <p class={mono ? "said mono" : "said"}>{cut ? text.slice(0, shown.value) : text}</p>
      {cut && <ShowMore length={text.length} shown={shown} step={moreShown} />}
    </>
  )
}
