import type { Signal } from "@preact/signals"
import { count } from "./figures.ts"

/** Below a text of which only the beginning is shown. */
export const ShowAll = ({ length, whole }: { readonly length: number; readonly whole: Signal<boolean> }) => (
  <button
    type="button"
    class="button button-small"
    onClick={() => {
      whole.value = true
    }}
  >
    Show all {count(length)} characters
  </button>
)
