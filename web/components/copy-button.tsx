import { useSignal } from "@preact/signals"
import { useEffect } from "preact/hooks"
import { Glyph } from "./glyph.tsx"

export interface CopyButtonProps {
  readonly text: string
  /** What is copied. The button's name says it, also where its label does not. */
  readonly what: string
  /** What can be read beside the picture; nothing by default. */
  readonly label?: "Copy" | `Copy ${string}`
}

const saidMs = 1_600

export function CopyButton({ text, what, label }: CopyButtonProps) {
  const said = useSignal<"copied" | "failed" | undefined>(undefined)
  useEffect(() => {
    if (said.value === undefined) return
    const timer = setTimeout(() => {
      said.value = undefined
    }, saidMs)
    return () => clearTimeout(timer)
  }, [said.value])
  const copy = async () => {
    said.value = (await copyText(text)) ? "copied" : "failed"
  }
  return (
    <button
      type="button"
      class="button button-quiet"
      aria-label={said.value === undefined ? `Copy ${what}` : undefined}
      onClick={copy}
    >
      <Glyph name={said.value === "copied" ? "tick" : "copy"} />
      <span aria-live="polite">{said.value === "copied" ? "Copied" : said.value === "failed" ? "Not copied" : label}</span>
    </button>
  )
}

/** The clipboard's own interface is there on HTTPS and loopback only; elsewhere a selection is copied the old way. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = document.createElement("textarea")
    field.value = text
    field.className = "unseen"
    document.body.append(field)
    const before = document.activeElement
    field.select()
    const done = document.execCommand("copy")
    field.remove()
    if (before instanceof HTMLElement) before.focus()
    return done
  }
}
