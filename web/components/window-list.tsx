import { type Signal, useSignal } from "@preact/signals"
import type { ComponentChildren } from "preact"
import { useEffect, useLayoutEffect, useRef } from "preact/hooks"

export interface WindowListProps<T> {
  readonly items: readonly T[]
  readonly label: string
  readonly rowHeight: number
  row(item: T, index: number): ComponentChildren
  /** Brought into view whenever it changes. */
  readonly current: number
  /** How far down the reader has scrolled, in pixels; setting it to 0 goes to the top. */
  readonly scrolled: Signal<number>
  /** Stays in view above the rows. */
  readonly head?: ComponentChildren
  readonly headHeight: number
  /** After the last row. */
  readonly foot?: ComponentChildren
  onEnd?(): void
}

const spare = 8

/** A list of which only the rows in view, and a few around them, are in the page. Rows are of one height. */
export function WindowList<T>(props: WindowListProps<T>) {
  const { items, label, rowHeight, row, current, scrolled, head, headHeight, foot, onEnd } = props
  const box = useRef<HTMLDivElement>(null)
  const height = useSignal(600)

  useLayoutEffect(() => {
    if (box.current === null) return
    const watch = new ResizeObserver(([entry]) => {
      if (entry !== undefined) height.value = entry.contentRect.height
    })
    watch.observe(box.current)
    return () => watch.disconnect()
  }, [height])

  useLayoutEffect(() => {
    if (scrolled.value === 0 && box.current !== null && box.current.scrollTop !== 0) box.current.scrollTop = 0
  }, [scrolled.value])

  useEffect(() => {
    const element = box.current
    if (element === null || current < 0) return
    const top = current * rowHeight
    const room = element.clientHeight - headHeight
    if (top < element.scrollTop) element.scrollTop = top
    else if (top + rowHeight > element.scrollTop + room) element.scrollTop = top + rowHeight - room
  }, [current, rowHeight, headHeight])

  const first = Math.max(0, Math.floor(scrolled.value / rowHeight) - spare)
  const last = Math.min(items.length, Math.ceil((scrolled.value + height.value) / rowHeight) + spare)
  const onScroll = () => {
    const element = box.current
    if (element === null) return
    scrolled.value = element.scrollTop
    if (element.scrollTop + element.clientHeight > element.scrollHeight - 4 * rowHeight) onEnd?.()
  }
  return (
    <div class="window" ref={box} onScroll={onScroll}>
      {head}
      <ol class="window-rows" aria-label={label} style={{ height: `${items.length * rowHeight}px` }}>
        {items.slice(first, last).map((item, offset) => (
          <li
            key={first + offset}
            class="window-row"
            aria-setsize={items.length}
            aria-posinset={first + offset + 1}
            style={{ top: `${(first + offset) * rowHeight}px`, height: `${rowHeight}px` }}
          >
            {row(item, first + offset)}
          </li>
        ))}
      </ol>
      {foot}
    </div>
  )
}
