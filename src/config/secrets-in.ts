import { Secret } from "./secret.ts"
import type { Config, ProviderConfig } from "./types.ts"

/** Every secret value of a configuration, as it would stand in a text; to be taken out of what is written and shown. */
export function secretsIn({ providers, admin, encryptionKey }: Config): readonly string[] {
  const own = [admin.token, admin.password, encryptionKey]
  return [...own.flatMap(revealed), ...providers.flatMap(secretsOfProvider)]
}

const secretsOfProvider = ({ keys, proxy, network }: ProviderConfig): readonly string[] => [
  ...keys.flatMap(({ value, settings }) => [value, ...Object.values(settings)]).flatMap(revealed),
  ...("password" in proxy ? revealed(proxy.password) : []),
  ...network.extraHeaders.flatMap(secretsOfHeader),
]

const credentialHeader = /authorization|cookie|key|token|secret|password|credential/i
const scheme = /^[a-z]+\s+(?=\S+$)/i

/** A header is a secret by its name, or when its value was kept out of the file: others are words like any. */
function secretsOfHeader([name, value]: readonly [name: string, value: Secret]): readonly string[] {
  if (value.origin === undefined && !credentialHeader.test(name)) return []
  return [value.reveal(), value.reveal().replace(scheme, "")]
}

const revealed = (value: unknown): readonly string[] => (value instanceof Secret ? [value.reveal()] : [])
