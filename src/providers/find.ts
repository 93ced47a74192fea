import type { Provider } from "../core/provider.ts"
import { customProvider } from "./custom.ts"
import { builtinProviders } from "./index.ts"

const builtin = (id: string): Provider | undefined => builtinProviders.find((provider) => provider.id === id)

/** The provider behind a configured name; one of the user's own speaks as its base type does. */
export const findProvider = (id: string, baseType: string, custom: boolean): Provider | undefined =>
  custom ? customProvider(id, baseType) : builtin(id)

/** The environment variable that customarily holds a provider's key. */
export const keyVariableOf = (id: string): string | undefined => builtin(id)?.env

/** What the configuration has to know of the providers that are built in. */
export const providerFacts = builtinProviders.map(({ id, env, needsKey, defaultBaseUrl }) => ({
  id,
  needsKey,
  ...(env === undefined ? {} : { env }),
  ...(defaultBaseUrl === undefined ? {} : { defaultBaseUrl }),
}))
