import type { Signal } from "@preact/signals"
import { count } from "./figures.ts"

export interface ShowMoreProps {
  readonly length: number
  /** How many characters from the beginning are shown. */
  readonly shown: Signal<number>
  /** How many each press adds: as much as the page can lay out at once. */
  readonly step: number
}

/** Below a text of which only the beginning is shown. */
export function ShowMore({ length, shown, step }: ShowMoreProps) {
  const left = length - shown.value
  return (
    <button
      type="button"
      class="button button-small"
      onClick={() => {
        shown.value += step
      }}
    >
      {left <= step ? `Show all ${count(length)} characters` : `Show ${count(step)} more of ${count(length)} characters`}
    </button>
  )
}
