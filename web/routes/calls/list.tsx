import { computed, effect, signal } from "@preact/signals"
import { useLayoutEffect, useRef } from "preact/hooks"
import { count } from "../../components/figures.ts"
import { Glyph } from "../../components/glyph.tsx"
import { Panel } from "../../components/panel.tsx"
import { WindowList } from "../../components/window-list.tsx"
import { openCall, showCall } from "../../state/address.ts"
import * as calls from "../../state/calls.ts"
import { addShortcuts } from "../../state/shortcuts.ts"
import { Filters } from "./filters.tsx"
import { ListFoot, NoCalls } from "./list-states.tsx"
import { Row, RowHead } from "./row.tsx"

/** Of the list, in pixels, up to which a call has two lines. The style sheet says the same. */
const twoLinesUpTo = 640
const twoLines = signal(false)

const currentId = signal<string | undefined>(undefined)
const hovered = signal(false)
const focused = signal(false)
const held = signal(false)
const scrolled = signal(0)

const currentIndex = computed(() => {
  const id = currentId.value ?? openCall.value
  return id === undefined ? -1 : calls.shownCalls.value.findIndex((call) => call.id === id)
})

effect(() => {
  calls.paused.value = held.value || hovered.value || focused.value || scrolled.value > 0
  if (!calls.paused.value) calls.showWaiting()
})

const rowOf = (id: string | undefined): HTMLElement | null =>
  document.querySelector<HTMLElement>(`.row[data-call="${CSS.escape(id ?? "")}"]`)

/** At once where the row is in the page, so that the next key meets it; else when it has been drawn. */
function focusCurrent(): void {
  const row = rowOf(currentId.peek())
  if (row !== null) row.focus()
  else requestAnimationFrame(() => rowOf(currentId.peek())?.focus())
}

function step(by: number): boolean {
  const shown = calls.shownCalls.peek()
  const index = currentIndex.peek()
  const next = shown[Math.max(0, Math.min(shown.length - 1, index < 0 ? 0 : index + by))]
  if (next === undefined) return false
  currentId.value = next.id
  if (openCall.peek() !== undefined) showCall(next.id)
  focusCurrent()
  return true
}

function goTop(): boolean {
  scrolled.value = 0
  held.value = false
  calls.showWaiting()
  currentId.value = calls.shownCalls.peek()[0]?.id
  if (focused.peek()) focusCurrent()
  return true
}

function startAnew(): void {
  goTop()
  void calls.loadCalls()
}

const inList = (): boolean => document.activeElement?.closest(".calls") !== null

const shortcuts = [
  { keys: ["j"], does: "Next call", run: () => step(1) },
  { keys: ["k"], does: "Previous call", run: () => step(-1) },
  { keys: ["ArrowDown"], does: "Next call, in the list", run: () => inList() && step(1) },
  { keys: ["ArrowUp"], does: "Previous call, in the list", run: () => inList() && step(-1) },
  { keys: ["n"], does: "Show the newest calls", run: goTop },
  {
    keys: ["p"],
    does: "Pause or resume the live list",
    run: () => {
      held.value = !held.peek()
      return true
    },
  },
]

/** Calls as they come in, newest first. Held still while somebody reads. */
export function CallList() {
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => addShortcuts(...shortcuts), [])
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    const measure = () => {
      twoLines.value = element.clientWidth <= twoLinesUpTo
    }
    measure()
    const watch = new ResizeObserver(measure)
    watch.observe(element)
    return () => watch.disconnect()
  }, [])
  const shown = calls.shownCalls.value
  const current = currentIndex.value
  return (
    <Panel id="calls" title="Calls" aside={<Live />}>
      <Filters />
      <div
        class="calls"
        ref={box}
        onPointerEnter={({ pointerType }) => {
          hovered.value = pointerType === "mouse"
        }}
        onPointerLeave={() => {
          hovered.value = false
        }}
        onFocusIn={({ target }) => {
          focused.value = true
          const id = (target as HTMLElement).dataset.call
          if (id !== undefined) currentId.value = id
        }}
        onFocusOut={() => {
          focused.value = false
        }}
      >
        {shown.length === 0 ? (
          <NoCalls />
        ) : (
          <WindowList
            items={shown}
            label="Calls, newest first"
            rowHeight={twoLines.value ? 52 : 32}
            head={<RowHead />}
            headHeight={twoLines.value ? 0 : 28}
            row={(call, index) => (
              <Row call={call} open={call.id === openCall.value} current={current < 0 ? index === 0 : index === current} />
            )}
            current={current}
            scrolled={scrolled}
            foot={<ListFoot />}
            onEnd={() => void calls.loadOlder()}
          />
        )}
      </div>
    </Panel>
  )
}

/** How many wait, and the way to let them in. */
function Live() {
  const waiting = calls.waitingCount.value
  const skipped = calls.skippedCount.value
  return (
    <>
      {skipped > 0 && (
        <button
          type="button"
          class="button button-small"
          title="They came faster than a list can show; the log has them. Loads the list anew."
          onClick={startAnew}
        >
          {count(skipped)} not shown
        </button>
      )}
      {waiting > 0 ? (
        <button type="button" class="button button-small" onClick={goTop} aria-keyshortcuts="n">
          <Glyph name="up" /> {count(waiting)} new
        </button>
      ) : (
        calls.paused.value && (
          <span class="quiet paused">
            <Glyph name="pause" /> paused
          </span>
        )
      )}
    </>
  )
}
