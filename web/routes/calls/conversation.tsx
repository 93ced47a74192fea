import { useSignal } from "@preact/signals"
import { count } from "../../components/figures.ts"
import { ShowAll } from "../../components/show-all.tsx"
import type { Part, Turn } from "../../state/conversation.ts"
import { indented } from "../../state/conversation.ts"

/** What was said, as a conversation. Everything is shown as text; nothing in it is ever read as HTML. */
export const Conversation = ({ turns }: { readonly turns: readonly Turn[] }) => (
  <ol class="turns">
    {turns.map((turn, index) => (
      <li key={String(index)} class={`turn turn-${turn.role}`}>
        <span class="turn-role">{turn.role}</span>
        <div class="turn-parts">
          {turn.parts.map((part, place) => (
            <PartView key={String(place)} part={part} />
          ))}
        </div>
      </li>
    ))}
  </ol>
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

function Said({ text, mono = false }: { readonly text: string; readonly mono?: boolean }) {
  const whole = useSignal(false)
  const cut = !whole.value && text.length > firstShown * 1.25
  return (
    <>
      <p class={mono ? "said mono" : "said"}>{cut ? text.slice(0, firstShown) : text}</p>
      {cut && <ShowAll length={text.length} whole={whole} />}
    </>
  )
}
