import type { ModelInfo } from "../core/provider.ts"
import { mayServe, type ProviderEntry, type Registry } from "../core/registry.ts"
import type { ListedModel } from "../dialects/dialect.ts"
import type { ModelListing, ModelLists } from "../dispatch/models.ts"
import { within } from "../lib/within.ts"

export type ReadModels = (providers: Iterable<ProviderEntry>) => Promise<ReadonlyMap<string, ModelListing>>

/** Every model that can be called of every provider, or of one, as `provider/model`, with the aliases of its keys. Asks nobody else. */
export async function listModels(registry: Registry, read: ReadModels, only?: string): Promise<readonly ListedModel[]> {
  const providers = [...registry.providers.values()].filter(({ id }) => only === undefined || id === only.toLowerCase())
  const lists = await read(providers)
  const listed: ListedModel[] = []
  for (const provider of providers) {
    const seen = new Set<string>()
    const named = provider.keys.flatMap((key) => key.names.map((id): ModelInfo => ({ id })))
    for (const model of [...(lists.get(provider.id)?.models ?? []), ...named]) {
      if (seen.has(model.id) || !mayServe(provider, model.id)) continue
      seen.add(model.id)
      listed.push({ ...model, provider: provider.id, name: `${provider.id}/${model.id}` })
    }
  }
  return listed
}

export interface NamesWanted {
  /** Whether providers may be asked; else only those speak that answer within this process. */
  readonly ask: boolean
  readonly deadlineMs: number
}

/** The names of models, as far as they are known by the deadline. */
export async function modelNames(
  registry: Registry,
  lists: ModelLists,
  { ask, deadlineMs }: NamesWanted,
): Promise<readonly string[]> {
  const asked = [...registry.providers.values()].filter(({ standIn }) => ask || standIn)
  await within(deadlineMs, lists.read(asked))
  const known = async () => new Map(asked.map(({ id }) => [id, lists.known(id)]))
  return (await listModels(registry, known)).map(({ name }) => name)
}
