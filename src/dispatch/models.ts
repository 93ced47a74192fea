import { addressAt, type Connection, type ModelInfo } from "../core/provider.ts"
import type { ProviderEntry, Sending } from "../core/registry.ts"
import { sha256 } from "../lib/hash.ts"
import { type HttpAnswer, readUpTo } from "../lib/http1/answer.ts"
import { utf8Text } from "../lib/utf8.ts"

const freshMs = 10 * 60_000
const retryMs = 30_000
const deadlineMs = 5_000
const maxPages = 10
/** Of one provider's list, all pages together. */
const maxBytes = 8 * 1024 * 1024

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
  /** Forgets every list but those of these providers, read where and with the credential that they have now. */
  keep(providers: Iterable<ProviderEntry>): void
}

interface Held extends ModelListing {
  readonly source: string
  readonly due: number
}

interface Reading {
  readonly source: string
  readonly done: Promise<void>
}

export function modelLists(now: () => number = Date.now): ModelLists {
  const held = new Map<string, Held>()
  const reading = new Map<string, Reading>()
  const nothing: ModelListing = { models: [] }

  async function refresh(provider: ProviderEntry, source: string): Promise<void> {
    const read = await fetchList(provider).then(
      (models): Held => ({ models, source, due: now() + freshMs }),
      (error): Held => ({ models: heldFor(provider, source).models, error: reasonOf(error), source, due: now() + retryMs }),
    )
    if (reading.get(provider.id)?.source !== source) return
    reading.delete(provider.id)
    held.set(provider.id, read)
  }

  const heldFor = ({ id }: ProviderEntry, source: string): Held => {
    const known = held.get(id)
    return known?.source === source ? known : { ...nothing, source, due: 0 }
  }

  async function readOne(provider: ProviderEntry): Promise<readonly [string, ModelListing]> {
    const source = sourceOf(provider)
    if (heldFor(provider, source).due <= now()) {
      const running = reading.get(provider.id)
      if (running?.source === source) await running.done
      else {
        // in the map before it ends, which may be at once
        const { promise: done, resolve } = Promise.withResolvers<void>()
        reading.set(provider.id, { source, done })
        await refresh(provider, source).finally(resolve)
      }
    }
    return [provider.id, heldFor(provider, source)]
  }

  return {
    known: (provider) => held.get(provider) ?? nothing,
    async read(providers) {
      const wanted = [...providers].filter((provider) => provider.models)
      return new Map(await Promise.all(wanted.map(readOne)))
    },
    keep(providers) {
      const sources = new Map([...providers].map((provider) => [provider.id, sourceOf(provider)]))
      for (const lists of [held, reading]) for (const [id, { source }] of lists) if (sources.get(id) !== source) lists.delete(id)
    },
  }
}

/** Where a list comes from and for whom: another account's key lists other models. */
function sourceOf(provider: ProviderEntry): string {
  const { models, keys, extraHeaders } = provider
  const [key] = keys
  return sha256(JSON.stringify([placeOf(provider).baseUrl, models?.path, key?.id, key?.reveal(), extraHeaders]))
}

/** Where the first key belongs, with which the list is asked for. */
const placeOf = ({ keys, connection }: ProviderEntry): Connection => keys[0]?.connection ?? connection

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message.slice(0, 200) : "failed")

async function fetchList(provider: ProviderEntry): Promise<readonly ModelInfo[]> {
  const list = provider.models
  if (!list) return []
  const [unset] = provider.keys.length === 0 ? (provider.unsetKeys ?? []) : []
  if (unset) throw new Error(`there is no key: ${unset.variable} is not set`)
  if (provider.needsKey && provider.keys.length === 0) throw new Error(`there is no key: ${provider.keyRemedy}`)
  const models: ModelInfo[] = []
  const auth = provider.routes[0]
  const headers = new Headers({ accept: "application/json", ...auth?.headers })
  for (const [name, value] of provider.extraHeaders) headers.set(name, value)
  auth?.auth(headers, provider.keys[0]?.reveal())
  const signal = AbortSignal.timeout(deadlineMs)
  let url = addressAt(placeOf(provider), list.path)
  let left = maxBytes
  for (let page = 0; page < maxPages; page++) {
    const bytes = await listPage(provider.transport.send(url, { method: "GET", headers }), signal, left)
    left -= bytes.length
    const { models: some, next } = list.parse(utf8Text(bytes))
    models.push(...some)
    if (next === undefined) break
    url = addressAt(placeOf(provider), `${list.path.split("?")[0]}?${next}`)
  }
  return models
}

async function listPage(sending: Sending, signal: AbortSignal, limit: number): Promise<Uint8Array> {
  const stop = () => sending.cancel(signal.reason)
  signal.addEventListener("abort", stop)
  try {
    const answer = await sending.answer
    if (answer.status >= 300) throw new Error(`the model list answered with status ${answer.status}`)
    return await readBounded(answer, limit)
  } finally {
    signal.removeEventListener("abort", stop)
    sending.cancel()
  }
}

async function readBounded(answer: HttpAnswer, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  if (await readUpTo(answer, limit, pieces)) return Buffer.concat(pieces)
  throw new Error(`the model list is larger than ${maxBytes / 1024 / 1024} MiB and was not read`)
}
