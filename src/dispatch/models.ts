import type { ModelInfo } from "../core/provider.ts"
import type { ProviderEntry } from "../core/registry.ts"

const freshMs = 10 * 60_000
const retryMs = 30_000
const deadlineMs = 5_000
const maxPages = 10

export interface ModelListing {
  readonly models: readonly ModelInfo[]
  /** Why the last reading failed; the models are then those of the one before. */
  readonly error?: string
}

/** The model lists of providers, kept for ten minutes. One provider's failure is its own. */
export interface ModelLists {
  /** What is known now, without asking. */
  known(provider: string): ModelListing
  /** What is known once every list that is due has been read or has failed. */
  read(providers: Iterable<ProviderEntry>): Promise<ReadonlyMap<string, ModelListing>>
}

interface Held extends ModelListing {
  readonly due: number
}

export function modelLists(now: () => number = Date.now): ModelLists {
  const held = new Map<string, Held>()
  const reading = new Map<string, Promise<void>>()
  const nothing: ModelListing = { models: [] }

  async function refresh(provider: ProviderEntry): Promise<void> {
    try {
      held.set(provider.id, { models: await fetchList(provider), due: now() + freshMs })
    } catch (error) {
      const before = held.get(provider.id) ?? nothing
      held.set(provider.id, { models: before.models, error: reasonOf(error), due: now() + retryMs })
    } finally {
      reading.delete(provider.id)
    }
  }

  return {
    known: (provider) => held.get(provider) ?? nothing,
    async read(providers) {
      const wanted = [...providers].filter((provider) => provider.models)
      await Promise.all(
        wanted.map((provider) => {
          if ((held.get(provider.id)?.due ?? 0) > now()) return undefined
          const running = reading.get(provider.id) ?? refresh(provider)
          reading.set(provider.id, running)
          return running
        }),
      )
      return new Map(wanted.map((provider) => [provider.id, held.get(provider.id) ?? nothing]))
    },
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message.slice(0, 200) : "failed")

async function fetchList(provider: ProviderEntry): Promise<readonly ModelInfo[]> {
  const list = provider.models
  if (!list) return []
  const models: ModelInfo[] = []
  const auth = provider.routes[0]
  const headers = new Headers({ accept: "application/json", ...auth?.headers })
  for (const [name, value] of provider.extraHeaders) headers.set(name, value)
  auth?.auth(headers, provider.keys[0]?.reveal())
  const signal = AbortSignal.timeout(deadlineMs)
  let url = provider.connection.baseUrl + list.path
  for (let page = 0; page < maxPages; page++) {
    const response = await provider.transport.send(url, { method: "GET", headers, signal })
    if (!response.ok) throw new Error(`the model list answered with status ${response.status}`)
    const { models: some, next } = list.parse(await response.text())
    models.push(...some)
    if (next === undefined) break
    url = `${provider.connection.baseUrl}${list.path.split("?")[0]}?${next}`
  }
  return models
}
