import type { ProviderView } from "../../../src/http/api/types.ts"
import { count, wholeSeconds } from "../../components/figures.ts"
import { Mark } from "../../components/mark.tsx"
import { Message, Pending } from "../../components/message.tsx"
import { Panel } from "../../components/panel.tsx"
import { Swatch } from "../../components/swatch.tsx"
import { now } from "../../state/clock.ts"
import { status } from "../../state/status.ts"

type KeyView = ProviderView["keys"][number]

/** Each provider with its keys, as the gateway sees them now. */
export function Providers() {
  const known = status.current.value
  const total = known.state === "ready" ? known.value.providers.length : undefined
  return (
    <Panel id="providers" title="Providers" aside={total !== undefined && <span class="tally">{count(total)}</span>}>
      {known.state === "loading" && <Pending lines={3} label="Loading the providers" />}
      {known.state === "failed" && <Message tone="quiet" title="Unknown until the gateway answers" />}
      {known.state === "ready" && known.value.providers.length === 0 && <NoProviders />}
      {known.state === "ready" && (
        <ul class="providers">
          {known.value.providers.map((provider) => (
            <Provider key={provider.id} provider={provider} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

const NoProviders = () => (
  <Message tone="warning" title="No provider yet">
    Set a key in the environment, such as <code>OPENAI_API_KEY</code>, or add one to <code>config.json</code>. Until then{" "}
    <code>mock/echo</code> answers.
  </Message>
)

function Provider({ provider }: { readonly provider: ProviderView }) {
  const { id, label, baseUrl, wires, keys, models, modelsError } = provider
  return (
    <li class="provider">
      <div class="provider-line">
        <Swatch name={id} />
        <strong class="provider-name">{id}</strong>
        {label.toLowerCase() !== id.toLowerCase() && <span class="quiet">{label}</span>}
        <ProviderState provider={provider} />
      </div>
      <div class="provider-facts">
        <span class="mono clip" title={baseUrl}>
          {baseUrl}
        </span>
        <span title={`Formats: ${wires.join(", ")}`}>{wires.join(", ")}</span>
        <span>{modelsError ?? (models.length === 1 ? "1 model" : `${count(models.length)} models`)}</span>
        <Load provider={provider} />
      </div>
      {keys.length > 0 && (
        <ul class="keys" aria-label={`Keys of ${id}`}>
          {keys.map((key) => (
            <Key key={key.id} entry={key} alone={keys.length === 1} />
          ))}
        </ul>
      )}
    </li>
  )
}

/** How it does, from its keys and from whether its models could be listed. */
function ProviderState({ provider: { keys, modelsError } }: { readonly provider: ProviderView }) {
  const cooling = coolingKeys(keys)
  return (
    <span class="provider-state">
      {cooling > 0 && cooling === keys.length ? (
        <Mark tone="bad" word={keys.length === 1 ? "key cooling" : "all keys cooling"} />
      ) : cooling > 0 ? (
        <Mark tone="warning" word={`${cooling} of ${keys.length} keys cooling`} />
      ) : modelsError !== undefined ? (
        <Mark tone="warning" word="no list of models" />
      ) : (
        <Mark tone="good" word="ready" />
      )}
    </span>
  )
}

function Load({ provider: { running, waiting, concurrency } }: { readonly provider: ProviderView }) {
  if (running === 0 && waiting === 0) return null
  return (
    <span>
      {count(running)} of {count(concurrency)} running{waiting > 0 && `, ${count(waiting)} waiting`}
    </span>
  )
}

const coolingKeys = (keys: readonly KeyView[]): number =>
  keys.filter(({ cooling }) => cooling !== undefined && cooling.until > now.value).length

function Key({ entry: { name, masked, weight, cooling }, alone }: { readonly entry: KeyView; readonly alone: boolean }) {
  const left = cooling === undefined ? 0 : cooling.until - now.value
  return (
    <li class="key">
      <span>{name}</span>
      {masked === "" ? <span class="quiet">without a key</span> : <span class="mono quiet">{masked}</span>}
      {!alone && <span class="quiet">weight {weight}</span>}
      {cooling !== undefined && left > 0 && (
        <span class="key-cooling">
          <Mark tone="warning" word={`cooling, ${wholeSeconds(left + 999)} left: ${cooling.reason}`} />
        </span>
      )}
    </li>
  )
}
