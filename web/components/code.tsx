export interface CodeProps {
  readonly text: string
  /** What it is, for screen readers. */
  readonly label: string
}

/** Text to be copied as it stands. Focusable, since it may scroll. */
export const Code = ({ text, label }: CodeProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
  <section class="code" tabIndex={0} aria-label={label}>
    <pre>{text}</pre>
  </section>
)
