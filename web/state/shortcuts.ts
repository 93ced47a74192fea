/** Some keys and what they do, as the help says it. */
export interface Shortcut {
  readonly keys: readonly string[]
  readonly does: string
  /** Also while a field has the focus. */
  readonly inFields?: true
  /** Returns false when it has nothing to do now, so that the key goes on to others. */
  run(event: KeyboardEvent): boolean | undefined
}

const registered: Shortcut[] = []

/** Adds shortcuts; the answer takes them away again. Later ones are asked first. */
export function addShortcuts(...shortcuts: readonly Shortcut[]): () => void {
  registered.push(...shortcuts)
  return () => {
    for (const shortcut of shortcuts) registered.splice(registered.indexOf(shortcut), 1)
  }
}

export const allShortcuts = (): readonly Shortcut[] => registered

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])"))

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
  if (document.querySelector("dialog[open]") !== null) return
  const inField = typing(event.target)
  for (const { keys, inFields, run } of [...registered].reverse()) {
    if (!keys.includes(event.key) || (inField && inFields !== true)) continue
    if (run(event) === false) continue
    event.preventDefault()
    return
  }
})
