/** Good, warning and bad differ by shape and word, not by colour alone. */
export type Tone = "good" | "warning" | "bad" | "quiet" | "busy"

const shapes: Readonly<Record<Tone, preact.JSX.Element>> = {
  good: <circle cx="6" cy="6" r="4" />,
  warning: <path d="M6 1.2 11.2 10.6H.8Z" />,
  bad: <path d="M6 .8 11.2 6 6 11.2.8 6Z" />,
  quiet: <circle cx="6" cy="6" r="3.4" fill="none" stroke="currentColor" stroke-width="1.4" />,
  busy: <path d="M6 2a4 4 0 1 1-4 4" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" />,
}

export interface MarkProps {
  readonly tone: Tone
  /** Said beside the shape; `hidden` keeps it for screen readers. */
  readonly word: string
  readonly hidden?: boolean
}

export function Mark({ tone, word, hidden = false }: MarkProps) {
  return (
    <span class={`mark mark-${tone}`}>
      <svg class="mark-shape" viewBox="0 0 12 12" width="12" height="12" fill="currentColor" aria-hidden="true">
        {shapes[tone]}
      </svg>
      <span class={hidden ? "unseen" : undefined}>{word}</span>
    </span>
  )
}
