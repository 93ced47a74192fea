import { signal } from "@preact/signals"
import { Code } from "../../components/code.tsx"
import { CopyButton } from "../../components/copy-button.tsx"
import { Panel } from "../../components/panel.tsx"
import { gatewayUrl } from "../../state/address.ts"
import { firstModel } from "../../state/models.ts"
import { callsNeed } from "../../state/status.ts"
import { snippets } from "./snippets.ts"

const chosen = signal(snippets[0]?.id ?? "")

/** How to point a client here, with this gateway's address and a model that exists filled in. */
export function Connect() {
  const snippet = snippets.find(({ id }) => id === chosen.value)
  const text = snippet?.write(gatewayUrl, firstModel.value, callsNeed.value === undefined ? undefined : keyPlace) ?? ""
  return (
    <Panel id="connect" title="Connect" aside={<CopyButton text={gatewayUrl} what="address" label="Copy address" />}>
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
        <CopyButton text={text} what="snippet" label="Copy" />
      </div>
      <Code text={text} label={`${snippet?.label} snippet`} />
      <p class="note">
        <KeyNote text={text} />
      </p>
    </Panel>
  )
}

/** Stands where the reader puts a credential. */
const keyPlace = "ADMIN_TOKEN"

function KeyNote({ text }: { readonly text: string }) {
  switch (callsNeed.value) {
    case "token":
      return text.includes("env_key") ? (
        <>
          Calls need the admin token: set the variable <code>{keyPlace}</code> to it.
        </>
      ) : (
        <>
          Calls need the admin token: put it in the place of <code>{keyPlace}</code>.
        </>
      )
    case "login":
      return (
        <>
          Calls need the admin's name and password, which these clients cannot send. Set <code>admin.token</code> for them.
        </>
      )
    default:
      return text.includes('"unused"') ? (
        <>
          Keys stay in the gateway. <code>unused</code> is there because clients insist on a key.
        </>
      ) : (
        <>Keys stay in the gateway.</>
      )
  }
}
