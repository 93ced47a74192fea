import type { Call, Reply, Target } from "../core/call.ts"
import { fault, type GatewayError, GatewayFault } from "../core/error.ts"
import { mayTryNextTarget, recover } from "./recovery.ts"
import { acted, type DispatchContext, type Tries, tryTarget } from "./retry.ts"

/** Tries the targets in order. When all failed, the first one's last error is the answer. */
export function tryTargets(call: Call, targets: readonly Target[], context: DispatchContext): Promise<Reply> {
  const [only] = targets
  if (!only || targets.length > 1) return tryEach(call, targets, context)
  return tryTarget(call, only, { left: context.registry.limits.maxTries, first: true, last: true }, context)
}

async function tryEach(call: Call, targets: readonly Target[], context: DispatchContext): Promise<Reply> {
  const { limits } = context.registry
  const tries: Tries = { left: limits.maxTries, first: true, last: false }
  let first: GatewayError | undefined
  for (let index = 0; index < targets.length; index += 1) {
    const target = targets[index] as Target
    if (call.signal.aborted) throw fault("cancelled", "the client closed the request")
    if (first && (tries.left <= 0 || performance.now() - call.started > limits.callTotalMs)) break
    tries.first = index === 0
    tries.last = index === targets.length - 1
    try {
      return await tryTarget(call, target, tries, context)
    } catch (error) {
      if (!(error instanceof GatewayFault)) throw error
      if (recover(error.error.kind) === "stop") throw error
      if (recover(error.error.kind) === "larger-target" && !hasLarger(target, targets.slice(index + 1), context))
        throw first ? new GatewayFault(first) : error
      if (index > 0 && isUnfit(error.error)) {
        call.trail.route.push(`${target.provider}/${target.model} left out: ${error.error.message}`)
        continue
      }
      first ??= error.error
      if (!mayTryNextTarget(error.error)) throw error
      if (!tries.last) acted(call, "next target")
    }
  }
  throw first ? new GatewayFault(first) : fault("no-provider", "no target is left for this call")
}

/** The target was never asked: it has no way to say what the call says. That is no answer to a call that another target failed. */
const isUnfit = ({ kind, upstream }: GatewayError): boolean => kind === "unsupported" && upstream === undefined

function hasLarger(target: Target, rest: readonly Target[], { registry }: DispatchContext): boolean {
  const size = registry.limitsOf(target.model).context
  return rest.some((other) => {
    const larger = registry.limitsOf(other.model).context
    return size !== undefined && larger !== undefined && larger > size
  })
}
