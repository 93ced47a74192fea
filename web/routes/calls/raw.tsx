import { useSignal } from "@preact/signals"
import type { PayloadView } from "../../../src/http/api/log-entry.ts"
import { CopyButton } from "../../components/copy-button.tsx"
import { bytes } from "../../components/figures.ts"
import { ShowMore } from "../../components/show-more.tsx"
import { indented } from "../../state/conversation.ts"

const firstShown = 100_000
const moreShown = 400_000

/** One payload, byte for byte as it went over the wire; indented when asked. */
export function Raw({ payload }: { readonly payload: PayloadView }) {
  const shown = useSignal(firstShown)
  const pretty = useSignal(false)
  const { size, cut: truncated, contentType, wire } = payload
  const body = payload.text ?? payload.base64 ?? ""
  const canIndent = payload.text !== undefined && body.length < 2_000_000 && /^\s*[{[]/.test(body)
  const text = pretty.value && canIndent ? indented(body) : body
  const cut = text.length > shown.value
  return (
    <div class="raw">
      <div class="raw-bar">
        <span class="quiet">
          {bytes(size)} · {contentType} · {wire}
          {payload.text === undefined && " · not UTF-8, shown as base64"}
        </span>
        <span class="raw-actions">
          {canIndent && (
            <button
              type="button"
              class="button button-small button-quiet"
              onClick={() => {
                pretty.value = !pretty.value
              }}
            >
              {pretty.value ? "As sent" : "Indent"}
            </button>
          )}
          <CopyButton text={body} what="payload" label="Copy" />
        </span>
      </div>
      {truncated && <p class="note">The log kept the beginning only: the rest was over the configured limit.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <section class="raw-text" tabIndex={0} aria-label={`Payload: ${payload.side}`}>
        <pre>{cut ? text.slice(0, shown.value) : text}</pre>
      </section>
      {cut && <ShowMore length={text.length} shown={shown} step={moreShown} />}
    </div>
  )
}
