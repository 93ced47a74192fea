import { useEffect, useRef } from "preact/hooks"
import { allShortcuts } from "../state/shortcuts.ts"
import { Glyph } from "./glyph.tsx"

const names: Readonly<Record<string, string>> = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc" }

/** All keys that do something now. */
export function Help({ onClose }: { onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog class="help" ref={dialog} aria-labelledby="help-title" onClose={onClose}>
      <header class="panel-head">
        <h2 id="help-title">Keys</h2>
        <button type="button" class="button button-quiet" onClick={() => dialog.current?.close()} aria-label="Close the help">
          <Glyph name="close" />
        </button>
      </header>
      <dl class="help-keys">
        {allShortcuts().map(({ keys, does }) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{names[key] ?? key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>Enter</kbd>
          </dt>
          <dd>Open the call in focus</dd>
        </div>
      </dl>
    </dialog>
  )
}
