import type { Call, Plugin } from "../core/call.ts"
import type { Registry } from "../core/registry.ts"
import { tryTargets } from "./fallback.ts"
import { type CallHandler, callRing } from "./ring.ts"
import { routeCall } from "./route.ts"
import type { DispatchState } from "./state.ts"

export interface DispatcherOptions {
  readonly state: DispatchState
  /** Around every call, outermost first. */
  readonly plugins: readonly Plugin[]
  /** A plugin failed and was left out of a call. */
  skipped(plugin: string, error: unknown): void
  readonly random?: () => number
}

/** Call in, reply out; a call that cannot be routed may throw at once. The registry is the caller's snapshot: a call ends on the one it began with. */
export function dispatcher({ state, plugins, skipped, random = Math.random }: DispatcherOptions): CallHandler<Registry> {
  const core: CallHandler<Registry> = (call: Call, registry: Registry) =>
    tryTargets(call, routeCall(call, registry, state), { registry, state, random })
  return callRing(core, plugins, skipped)
}
