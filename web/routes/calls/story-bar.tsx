import type { ComponentChildren } from "preact"
import { Glyph } from "../../components/glyph.tsx"
import { closeCall } from "../../state/address.ts"

/** Closes it; the focus goes back to where it was opened. */
export function leave(): true {
  closeCall()
  requestAnimationFrame(() => document.querySelector<HTMLElement>(".row[tabindex='0']")?.focus())
  return true
}

/** Stays above the story: what it is of, and the way out. */
export const StoryBar = ({ children }: { readonly children: ComponentChildren }) => (
  <header class="story-bar">
    <div class="story-name">{children}</div>
    <button type="button" class="button button-quiet" onClick={leave} aria-label="Close the call" aria-keyshortcuts="Escape">
      <Glyph name="close" />
    </button>
  </header>
)
