import type { ComponentChildren } from "preact"

export interface PanelProps {
  readonly id: string
  readonly title: string
  /** Beside the title, at the end of the line. */
  readonly aside?: ComponentChildren
  readonly children: ComponentChildren
}

/** A titled part of a page; `id` is what links jump to. */
export function Panel({ id, title, aside, children }: PanelProps) {
  return (
    <section class="panel sheet" id={id} aria-labelledby={`${id}-title`}>
      <header class="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {aside !== undefined && <div class="panel-aside">{aside}</div>}
      </header>
      {children}
    </section>
  )
}
