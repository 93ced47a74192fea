import type { ComponentChildren } from "preact"

export interface StepLinkProps {
  readonly href: string
  readonly children: ComponentChildren
  /** Goes there without loading the page anew. */
  go(): void
}

/** A link within the page; with a modifier key it is one like any other, which opens elsewhere. */
export const StepLink = ({ href, children, go }: StepLinkProps) => (
  <a
    href={href}
    onClick={(event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return
      event.preventDefault()
      go()
    }}
  >
    {children}
  </a>
)
