import type { Call, Reply, Target } from "../core/call.ts"
import { fault, type GatewayError, GatewayFault } from "../core/error.ts"
import type { TryRecord } from "../core/record.ts"
import type { KeyEntry, ProviderEntry, Registry } from "../core/registry.ts"
import { backoff } from "../lib/backoff.ts"
import { attempt } from "./attempt.ts"
import { directKeyId, eligibleKeys, noKeyLeft, pickKey, soleKey } from "./keys.ts"
import { recover } from "./recovery.ts"
import type { DispatchState } from "./state.ts"

export interface Tries {
  /** How many are left for the whole call. */
  left: number
  /** This target is the one that was asked for: a key that the caller brings is for its vendor and no other. */
  first: boolean
  /** No target comes after this one, so a short wait beats a refusal. */
  last: boolean
}

export interface DispatchContext {
  readonly registry: Registry
  readonly state: DispatchState
  readonly random: () => number
}

const shortWaitMs = 2_000
const none: ReadonlySet<string> = new Set()

/** Tries one target: over its keys, and again after a while where that may help. Throws the last fault when the target gives up. */
export async function tryTarget(call: Call, target: Target, tries: Tries, context: DispatchContext): Promise<Reply> {
  const { registry, state } = context
  const provider = registry.providers.get(target.provider)
  if (!provider) throw fault("no-provider", `provider ${target.provider} is gone`)
  call.trail.tried ??= target
  const eligible = eligibleKeys(call, provider, target.model, { registry, first: tries.first })
  const run = { call, target, provider, eligible, context }
  let tried: Set<string> | undefined
  let retries = 0
  let withoutSeals = false
  let waited = false
  let last: GatewayError | undefined
  for (;;) {
    if (tries.left <= 0 || (last && timeLeft(run) <= 0)) throw outOfTries(run, last)
    const key =
      soleKey(eligible, tried, target, state.cooldowns) ?? pickKey(eligible, tried ?? none, { call, target, ...context })
    if (!key) {
      const refusal = last?.kind === "model-not-found" ? new GatewayFault(last) : exhausted(run, last)
      if (waited || !tries.last || !(await waitShortly(call, refusal.error))) throw refusal
      waited = true
      tried = undefined
      continue
    }
    tries.left -= 1
    const began = Date.now()
    let caught: GatewayFault
    try {
      const reply = await attempt(call, target, provider, key, { withoutSeals, last: tries.last, registry, state })
      state.cooldowns.healthy(provider.id, key.id, target.model, began)
      return reply
    } catch (error) {
      if (!(error instanceof GatewayFault)) throw error
      caught = error
    }
    last = caught.error
    switch (recover(last.kind)) {
      case "cool-long":
      case "cool-short":
        // the caller's own key is not ours to rest, and what answers in a vendor's stead only plays at failing
        if (key.id === directKeyId || provider.standIn) throw caught
        coolDown(run, key, last)
        tried = (tried ?? new Set()).add(key.id)
        acted(call, "next key")
        break
      case "other-key":
        tried = (tried ?? new Set()).add(key.id)
        acted(call, "next key")
        break
      case "without-seals":
        if (withoutSeals) throw caught
        withoutSeals = true
        acted(call, "again without seals")
        break
      case "backoff": {
        if (retries >= provider.retry.max || tries.left <= 0) throw caught
        const ms = backoff(retries, { baseMs: provider.retry.initialMs, maxMs: provider.retry.maxMs, random: context.random })
        if (ms >= timeLeft(run)) throw caught
        retries += 1
        acted(call, `retry in ${Math.round(ms)} ms`)
        await pause(ms, call)
        break
      }
      default:
        throw caught
    }
  }
}

interface Run {
  readonly call: Call
  readonly target: Target
  readonly provider: ProviderEntry
  readonly eligible: readonly KeyEntry[]
  readonly context: DispatchContext
}

function coolDown({ target, provider, context }: Run, key: KeyEntry, error: GatewayError): void {
  const { cooldowns } = context.state
  if (recover(error.kind) === "cool-short") cooldowns.short(provider.id, key.id, target.model, error.retryAfterMs)
  else cooldowns.long(provider.id, key.id, error.message, error.kind === "permission" ? target.model : undefined)
}

function exhausted({ provider, target, eligible, context }: Run, last: GatewayError | undefined): GatewayFault {
  const made = noKeyLeft(provider, target, eligible, context.state.cooldowns, last)
  if (last?.kind !== "rate-limit" || made.error.kind !== "rate-limit") return made
  return new GatewayFault({
    ...last,
    ...(made.error.retryAfterMs === undefined ? {} : { retryAfterMs: made.error.retryAfterMs }),
  })
}

const timeLeft = ({ call, context }: Run): number => context.registry.limits.callTotalMs - (performance.now() - call.started)

/** A refused key is the gateway's affair, also when there were more keys than tries. */
function outOfTries(run: Run, last: GatewayError | undefined): GatewayFault {
  if (!last) return fault("overloaded", "the call has used up its tries")
  return recover(last.kind) === "cool-long" ? exhausted(run, last) : new GatewayFault(last)
}

async function waitShortly(call: Call, error: GatewayError): Promise<boolean> {
  if (error.kind !== "rate-limit" || error.retryAfterMs === undefined || error.retryAfterMs > shortWaitMs) return false
  acted(call, `wait ${error.retryAfterMs} ms`)
  await pause(error.retryAfterMs + 1, call)
  return true
}

/** Writes beside the last try what was done about it. */
export function acted(call: Call, action: string): void {
  const { tries } = call.trail
  const last = tries.at(-1)
  if (last) tries[tries.length - 1] = { ...last, action } satisfies TryRecord
}

/** Waits, unless the caller leaves first. */
function pause(ms: number, { signal, trail }: Call): Promise<void> {
  trail.waitedMs += ms
  if (signal.aborted) return Promise.reject(fault("cancelled", "the client closed the request"))
  return new Promise((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer)
      reject(fault("cancelled", "the client closed the request"))
    }
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", leave)
      resolve()
    }, ms)
    signal.addEventListener("abort", leave, { once: true })
  })
}
