/** What the configuration has to know of a provider that is built in. The registry of providers supplies it as a value. */
export interface ProviderFacts {
  /** The name under `providers`, in lower case. */
  readonly id: string
  /** The environment variable that customarily holds its key. */
  readonly env?: string
  /** Whether a call can do without a credential. */
  readonly needsKey: boolean
  readonly defaultBaseUrl?: string
  /** There is no address to call unless `base_url` or a key's own `url` or `endpoint` gives one. */
  readonly needsBaseUrl?: boolean
  /** Known by name, but this build cannot call it. */
  readonly unbuilt?: boolean
}

export type Environment = Readonly<Record<string, string | undefined>>
