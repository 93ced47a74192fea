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

const credentialHeader =
  /authorization|cookie|secret|password|credential|(?:api|access|auth|private|subscription)[-_]?(?:key|token)/i
/** Such as a cache's key, a routing key, or the token of a session. */
const maybeCredentialHeader = /key|token(?!s|iz)/i
const words = /^[a-z]{1,15}(?:[-_. /][a-z]{1,15})*$/i
const scheme = /^[a-z]+\s+(?=\S+$)/i

/**
 * A header is a secret by its name, or when its value was kept out of the file: others are words like any, and payloads would lose them.
 * Where the name leaves it open, a value of plain words is none.
 */
function secretsOfHeader([name, value]: readonly [name: string, value: Secret]): readonly string[] {
  const text = value.reveal()
  const named = credentialHeader.test(name) || (maybeCredentialHeader.test(name) && !words.test(text))
  return named || value.origin !== undefined ? [text, text.replace(scheme, "")] : []
}

const revealed = (value: unknown): readonly string[] => (value instanceof Secret ? [value.reveal()] : [])
