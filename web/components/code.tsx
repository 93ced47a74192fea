import { CopyButton } from "./copy-button.tsx"

export interface CodeProps {
  readonly text: string
  /** What it is, for the copy button and for screen readers. */
  readonly label: string
}

/** Text to be copied as it stands. Focusable, since it may scroll. */
export function Code({ text, label }: CodeProps) {
  return (
    <div class="code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <section class="code-text" tabIndex={0} aria-label={label}>
        <pre>{text}</pre>
      </section>
      <div class="code-copy">
        <CopyButton text={text} what={label} />
      </div>
    </div>
  )
}
