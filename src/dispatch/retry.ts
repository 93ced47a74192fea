import type { Call, Reply, Target } from "../core/call.ts"
import { fault, type GatewayError, GatewayFault } from "../core/error.ts"
import type { TryRecord } from "../core/record.ts"
import type { KeyEntry, ProviderEntry, Registry } from "../core/registry.ts"
import { backoff } from "../lib/backoff.ts"
import { attempt } from "./attempt.ts"
import { directKeyId, eligibleKeys, noKeyLeft, pickKey, soleKey } from "./keys.ts"
import { saysThinking, thinkingIn } from "./left-out.ts"
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

/** One target while it is being tried. */
interface Run {
  readonly call: Call
  readonly target: Target
  readonly provider: ProviderEntry
  readonly eligible: readonly KeyEntry[]
  readonly tries: Tries
  readonly context: DispatchContext
  /** Keys that failed this call. */
  tried: Set<string> | undefined
  retries: number
  withoutSeals: boolean
  withoutThinking: boolean
  /** It has waited once for a key to be well again. */
  waited: boolean
  last: GatewayError | undefined
}

/** Tries one target: over its keys, and again after a while where that may help. Throws the last fault when the target gives up. */
export async function tryTarget(call: Call, target: Target, tries: Tries, context: DispatchContext): Promise<Reply> {
  const { registry, state } = context
  const provider = registry.providers.get(target.provider)
  if (!provider) throw fault("no-provider", `provider ${target.provider} is gone`)
  call.trail.tried ??= target
  const eligible = eligibleKeys(call, provider, target.model, { registry, first: tries.first })
  const thoughtless = state.thoughtless.size() > 0 && isThoughtless(call, target, state)
  const run: Run = {
    call,
    target,
    provider,
    eligible,
    tries,
    context,
    tried: undefined,
    retries: 0,
    withoutSeals: false,
    withoutThinking: thoughtless,
    waited: false,
    last: undefined,
  }
  for (;;) {
    if (tries.left <= 0 || (run.last && timeLeft(run) <= 0)) throw outOfTries(run)
    const key =
      soleKey(eligible, run.tried, target, state.cooldowns) ?? pickKey(eligible, run.tried ?? none, { call, target, ...context })
    if (!key) {
      await waitForKey(run)
      continue
    }
    tries.left -= 1
    const began = Date.now()
    const { withoutSeals, withoutThinking } = run
    try {
      const reply = await attempt(call, target, provider, key, {
        withoutSeals,
        withoutThinking,
        last: tries.last,
        registry,
        state,
      })
      if (run.withoutThinking && !thoughtless) state.thoughtless.set(wishOf(call, target), true)
      state.cooldowns.healthy(provider.id, key.id, target.model, began)
      return reply
    } catch (error) {
      if (!(error instanceof GatewayFault)) throw error
      const pausing = goOn(run, key, error)
      if (pausing) await pausing
    }
  }
}

/** No key is left: waits once where one is well again shortly, else throws why there is none. */
async function waitForKey(run: Run): Promise<void> {
  const { last } = run
  const refusal = last?.kind === "model-not-found" ? new GatewayFault(last) : exhausted(run)
  if (run.waited || !run.tries.last || !(await waitShortly(run.call, refusal.error))) throw refusal
  run.waited = true
  run.tried = undefined
}

/** Makes ready for the next try what a failed one has changed, or throws its fault; a pause is to be waited for. */
function goOn(run: Run, key: KeyEntry, caught: GatewayFault): Promise<void> | undefined {
  const { call, provider, tries, context } = run
  const { error } = caught
  run.last = error
  switch (recover(error.kind)) {
    case "cool-long":
    case "cool-short":
      // the caller's own key is not ours to rest, and what answers in a vendor's stead only plays at failing
      if (key.id === directKeyId || provider.standIn) throw caught
      coolDown(run, key, error)
      otherKey(run, key)
      return undefined
    case "other-key":
      otherKey(run, key)
      return undefined
    case "without-seals":
      if (run.withoutSeals) throw caught
      run.withoutSeals = true
      acted(call, "again without seals")
      return undefined
    case "without-thinking":
      if (run.withoutThinking || !translated(call) || !saysThinking(call.request())) throw caught
      run.withoutThinking = true
      acted(call, "again without thinking")
      return undefined
    case "backoff": {
      if (run.retries >= provider.retry.max || tries.left <= 0) throw caught
      const { initialMs: baseMs, maxMs } = provider.retry
      const ms = backoff(run.retries, { baseMs, maxMs, random: context.random })
      if (ms >= timeLeft(run)) throw caught
      run.retries += 1
      leaveAddress(run, key)
      acted(call, `retry in ${Math.round(ms)} ms`)
      return pause(ms, call)
    }
    default:
      throw caught
  }
}

/** Whether what the call says of thinking has been refused by the model, where it is said in our words. */
const isThoughtless = (call: Call, target: Target, { thoughtless }: DispatchState): boolean =>
  target.routes.every(({ wire }) => wire.id !== call.wire.id) && thoughtless.get(wishOf(call, target)) === true

const wishOf = (call: Call, { provider, model }: Target): string => `${provider}/${model} ${thinkingIn(call.request())}`

/** Whether the last try was made in another format than the caller's, so that its words were ours. */
const translated = ({ trail, wire }: Call): boolean => trail.tries.at(-1)?.wire !== wire.id

function otherKey(run: Run, key: KeyEntry): void {
  run.tried = (run.tried ?? new Set()).add(key.id)
  acted(run.call, "next key")
}

/** What ails a server ails its keys alone: where others of the provider's have an address of their own, these are next. */
function leaveAddress(run: Run, { connection }: KeyEntry): void {
  const { eligible, target, context } = run
  if (eligible.every((key) => key.connection?.baseUrl === connection?.baseUrl)) return
  const tried = new Set(run.tried)
  for (const key of eligible) if (key.connection?.baseUrl === connection?.baseUrl) tried.add(key.id)
  const { cooldowns } = context.state
  const isReady = ({ id }: KeyEntry) => !tried.has(id) && cooldowns.of(target.provider, id, target.model) === undefined
  if (eligible.some(isReady)) run.tried = tried
}

function coolDown({ target, provider, context }: Run, key: KeyEntry, error: GatewayError): void {
  const { cooldowns } = context.state
  if (recover(error.kind) === "cool-short") cooldowns.short(provider.id, key.id, target.model, error.retryAfterMs)
  else cooldowns.long(provider.id, key.id, error.message, error.kind === "permission" ? target.model : undefined)
}

function exhausted({ provider, target, eligible, context, last }: Run): GatewayFault {
  const made = noKeyLeft(provider, target, eligible, context.state.cooldowns, last)
  if (last?.kind !== "rate-limit" || made.error.kind !== "rate-limit") return made
  return new GatewayFault({
    ...last,
    ...(made.error.retryAfterMs === undefined ? {} : { retryAfterMs: made.error.retryAfterMs }),
  })
}

const timeLeft = ({ call, context }: Run): number => context.registry.limits.callTotalMs - (performance.now() - call.started)

/** A refused key is the gateway's affair, also when there were more keys than tries. */
function outOfTries(run: Run): GatewayFault {
  const { last } = run
  if (!last) return fault("overloaded", "the call has used up its tries")
  return recover(last.kind) === "cool-long" ? exhausted(run) : new GatewayFault(last)
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
