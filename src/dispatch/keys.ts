import type { Call, Target } from "../core/call.ts"
import { fault, type GatewayError, type GatewayFault } from "../core/error.ts"
import type { KeyEntry, ProviderEntry, Registry, UnsetKey } from "../core/registry.ts"
import { rendezvousPick } from "../lib/rendezvous.ts"
import type { Cooldowns } from "./cooldown.ts"
import type { DispatchState, Maker } from "./state.ts"

/** The keys of a provider that may serve a model for this call, whatever their health. Throws when there are none. */
export function eligibleKeys(call: Call, provider: ProviderEntry, model: string, place: TargetPlace): readonly KeyEntry[] {
  const { keyId, keyName, directKey } = call.directions
  if (directKey && place.first && place.registry.allowDirectKeys) {
    const { credential } = call.caller
    if (credential !== undefined) return [directEntry(credential)]
  }
  if (keyId !== undefined || keyName !== undefined) return [namedKey(call, provider, model, place)]
  const eligible = serving(provider.keys, model)
  if (eligible.length > 0) return eligible
  if (provider.keys.length === 0) throw provider.unsetKeys?.length ? unusable(provider, provider.unsetKeys) : keyless(provider)
  throw fault("model-not-found", `no keys found that support model: ${model}`, { blame: "request", param: "model" })
}

function serving(keys: readonly KeyEntry[], model: string): readonly KeyEntry[] {
  const [only] = keys
  if (only && keys.length === 1 && only.weight > 0 && serves(only, model)) return keys
  return keys.filter((key) => key.weight > 0 && serves(key, model))
}

/** The key that the caller asked for by id or name. */
function namedKey(
  { directions: { keyId, keyName } }: Call,
  provider: ProviderEntry,
  model: string,
  place: TargetPlace,
): KeyEntry {
  const isNamed = (key: { readonly id: string; readonly name: string }) =>
    keyId !== undefined ? key.id === keyId : key.name === keyName
  const pinned = provider.keys.find(isNamed)
  const wanted = keyId !== undefined ? `id ${keyId}` : `name ${keyName}`
  if (pinned && serves(pinned, model)) return pinned
  if (pinned)
    throw fault("model-not-found", `the key with ${wanted} at ${provider.id} does not serve ${model}`, { param: "model" })
  const unset = provider.unsetKeys?.filter(isNamed) ?? []
  if (unset.length > 0) throw unusable(provider, unset)
  throw fault(place.first ? "invalid-request" : "no-provider", `no key found with ${wanted} at ${provider.id}`)
}

function unusable({ id }: ProviderEntry, unset: readonly UnsetKey[]): GatewayFault {
  const told = unset.slice(0, 5).map(({ name, variable }) => `key ${name} wants ${variable}`)
  return fault(
    "credentials-exhausted",
    `${id} has no key that can be used: environment variables are not set (${told.join(", ")})`,
  )
}

const keyless = ({ id, keyRemedy }: ProviderEntry): GatewayFault =>
  fault("credentials-exhausted", `${id} has no key that can be used: ${keyRemedy}`)

const serves = (key: KeyEntry, model: string): boolean => key.allows(model) || key.aliasOf(model) !== undefined

export interface TargetPlace {
  readonly registry: Registry
  /** The target is the one that was asked for, not a fallback. */
  readonly first: boolean
}

export const directKeyId = "the caller's own"

const directEntry = (credential: string): KeyEntry => ({
  id: directKeyId,
  name: "direct",
  reveal: () => credential,
  weight: 1,
  allows: () => true,
  aliasOf: () => undefined,
  names: [],
})

/** The key of a provider that has one for the call and has not tried it, if it is well: nothing is to be chosen then. */
export function soleKey(
  eligible: readonly KeyEntry[],
  tried: ReadonlySet<string> | undefined,
  { provider, model }: Target,
  cooldowns: Cooldowns,
): KeyEntry | undefined {
  const [sole] = eligible
  return sole && eligible.length === 1 && !tried && cooldowns.of(provider, sole.id, model) === undefined ? sole : undefined
}

/**
 * The next key to try: the conversation's own one where there is a conversation (weighted rendezvous hash), else weighted random. Keys that
 * failed this call and keys that cool down are passed over. A key that only credential trouble keeps away is probed when it is the last hope.
 */
export function pickKey(
  eligible: readonly KeyEntry[],
  tried: ReadonlySet<string>,
  context: {
    readonly call: Call
    readonly target: Target
    readonly state: Pick<DispatchState, "cooldowns" | "makers">
    readonly random: () => number
  },
): KeyEntry | undefined {
  const { call, target, state, random } = context
  const { cooldowns, makers } = state
  const untried = eligible.filter((key) => !tried.has(key.id))
  const ready = untried.filter((key) => cooldowns.of(target.provider, key.id, target.model) === undefined)
  // one after the other: asking whether a key may be probed uses its probe up
  if (ready.length === 0) return untried.find((key) => cooldowns.probeable(target.provider, key.id, target.model))
  const [only] = ready
  if (!only || ready.length === 1) return only
  const maker = makerOf(call, makers)
  const made = ready.find((key) => key.id === maker?.key && target.provider === maker.provider)
  if (made) return made
  const session = call.caller.sessionId ?? call.head.cacheKey
  if (session !== undefined) {
    return rendezvousPick(`${call.caller.credential ?? ""}\u0000${session}`, ready) ?? only
  }
  return weightedRandom(ready, random())
}

/** Who made what the body leans on, as far as this gateway knows. */
export function makerOf({ head }: Call, makers: DispatchState["makers"]): Maker | undefined {
  for (const pin of head.pins) {
    const maker = makers.get(pin)
    if (maker) return maker
  }
  return undefined
}

function weightedRandom(pool: readonly KeyEntry[], random: number): KeyEntry | undefined {
  let left = random * pool.reduce((sum, key) => sum + key.weight, 0)
  for (const key of pool) {
    left -= key.weight
    if (left < 0) return key
  }
  return pool.at(-1)
}

/** Why a target has no key left, with the earliest time one may be used again. */
export function noKeyLeft(
  provider: ProviderEntry,
  target: Target,
  eligible: readonly KeyEntry[],
  cooldowns: Cooldowns,
  last: GatewayError | undefined,
): GatewayFault {
  const healths = eligible.flatMap((key) => cooldowns.of(provider.id, key.id, target.model) ?? [])
  const limited = healths.filter((health) => !health.long)
  // a vendor's "come back at once" is over before anybody asks
  if (limited.length > 0 || last?.kind === "rate-limit") {
    const earliest = limited.length > 0 ? Math.min(...limited.map((health) => health.until)) : 0
    const retryAfterMs = Math.max(0, earliest - Date.now())
    return fault("rate-limit", last?.message ?? `every key of ${provider.id} is rate limited`, {
      blame: "provider",
      retryAfterMs,
    })
  }
  const reason = last?.message ?? healths.map((health) => health.reason).at(0) ?? "no key is usable"
  const which = eligible.length < provider.keys.length ? " that this call may use" : ""
  return fault("credentials-exhausted", `every key of ${provider.id}${which} was refused: ${reason}`)
}
