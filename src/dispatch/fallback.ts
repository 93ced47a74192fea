import type { Call, Reply, Target } from "../core/call.ts"
import { fault, GatewayFault } from "../core/error.ts"
import { allFailed, endsWith, type Failure, failedShort, notAsked } from "./all-failed.ts"
import { mayTryNextTarget, recover } from "./recovery.ts"
import { acted, type DispatchContext, type Tries, tryTarget } from "./retry.ts"

/** Tries the targets in order. When all failed, the first one's last error is the answer, and names the others. */
export function tryTargets(call: Call, targets: readonly Target[], context: DispatchContext): Promise<Reply> {
  const [only] = targets
  if (!only || targets.length > 1) return tryEach(call, targets, context)
  return tryTarget(call, only, { left: context.registry.limits.maxTries, first: true, last: true }, context)
}

async function tryEach(call: Call, targets: readonly Target[], context: DispatchContext): Promise<Reply> {
  const { limits } = context.registry
  const tries: Tries = { left: limits.maxTries, first: true, last: false }
  let first: Failure | undefined
  const others: string[] = []
  for (let index = 0; index < targets.length; index += 1) {
    const target = targets[index] as Target
    if (call.signal.aborted) throw fault("cancelled", "the client closed the request")
    if (first && (tries.left <= 0 || performance.now() - call.started > limits.callTotalMs)) {
      const why = tries.left <= 0 ? "no tries left" : "no time left"
      for (const left of targets.slice(index)) others.push(notAsked(left, why))
      break
    }
    tries.first = index === 0
    tries.last = index === targets.length - 1
    const before = call.trail.tries.length
    try {
      return await tryTarget(call, target, tries, context)
    } catch (thrown) {
      if (!(thrown instanceof GatewayFault)) throw thrown
      const { error } = thrown
      const failure = { target, error, last: call.trail.tries.slice(before).at(-1) }
      if (index > 0 && isUnfit(failure)) {
        call.trail.route.push(`${target.provider}/${target.model} left out: ${error.message}`)
        others.push(notAsked(target, error.message))
        continue
      }
      if (!mayTryNextTarget(error)) {
        endsWith(call, failure)
        throw thrown
      }
      if (first) others.push(failedShort(failure))
      else first = failure
      if (recover(error.kind) === "larger-target" && !hasLarger(target, targets.slice(index + 1), context)) break
      if (!tries.last) acted(call, "next target")
    }
  }
  throw first ? allFailed(call, first, others) : fault("no-provider", "no target is left for this call")
}

/** The target was never asked: it has no way to say what the call says, or not the key it names. That is no answer to a call that another target failed. */
const isUnfit = ({ error: { kind, upstream }, last }: Failure): boolean =>
  (kind === "unsupported" && upstream === undefined) || (kind === "no-provider" && last === undefined)

function hasLarger(target: Target, rest: readonly Target[], { registry }: DispatchContext): boolean {
  const size = registry.limitsOf(target.model).context
  return rest.some((other) => {
    const larger = registry.limitsOf(other.model).context
    return size !== undefined && larger !== undefined && larger > size
  })
}
