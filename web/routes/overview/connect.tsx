import { signal } from "@preact/signals"
import { Code } from "../../components/code.tsx"
import { CopyButton } from "../../components/copy-button.tsx"
import { Panel } from "../../components/panel.tsx"
import { gatewayUrl } from "../../state/address.ts"
import { firstModel } from "../../state/models.ts"
import { snippets } from "./snippets.ts"

const chosen = signal(snippets[0]?.id ?? "")

/** How to point a client here, with this gateway's address and a model that exists filled in. */
export function Connect() {
  const snippet = snippets.find(({ id }) => id === chosen.value)
  const text = snippet?.write(gatewayUrl, firstModel.value) ?? ""
  return (
    <Panel
      id="connect"
      title="Connect"
      aside={<CopyButton text={gatewayUrl} what="the gateway's address" label="Copy address" />}
    >
      <div class="connect-bar">
        <label class="field">
          <span class="field-label">Client</span>
          <select
            value={chosen.value}
            onChange={({ currentTarget }) => {
              chosen.value = currentTarget.value
            }}
          >
            {snippets.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <span class="connect-note">{snippet?.note}</span>
        <CopyButton text={text} what="the snippet" label="Copy" />
      </div>
      <Code text={text} label={`${snippet?.label} snippet`} />
      <p class="note">
        Keys stay in the gateway.
        {text.includes('"unused"') && (
          <>
            {" "}
            <code>unused</code> is there because clients insist on a key.
          </>
        )}
      </p>
    </Panel>
  )
}
