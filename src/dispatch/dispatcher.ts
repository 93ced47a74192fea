import type { Call, Interceptor, Reply } from "../core/call.ts"
import type { Registry } from "../core/registry.ts"
import { tryTargets } from "./fallback.ts"
import { routeCall } from "./route.ts"
import type { DispatchState } from "./state.ts"

export interface DispatcherOptions {
  readonly state: DispatchState
  /** Around every call, outermost first. */
  readonly interceptors: readonly Interceptor<Call>[]
  readonly random?: () => number
}

/** Call in, reply out; a call that cannot be routed throws at once. The registry is the caller's snapshot: a call ends on the one it began with. */
export function dispatcher({ state, interceptors, random = Math.random }: DispatcherOptions) {
  const core = (call: Call, registry: Registry): Promise<Reply> =>
    tryTargets(call, routeCall(call, registry, state), { registry, state, random })
  if (interceptors.length === 0) return core
  return (call: Call, registry: Registry): Promise<Reply> =>
    interceptors.reduceRight<() => Promise<Reply>>(
      (next, around) => () => around(call, next),
      async () => core(call, registry),
    )()
}
