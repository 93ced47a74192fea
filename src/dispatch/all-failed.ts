import type { Call, Target } from "../core/call.ts"
import { type GatewayError, GatewayFault } from "../core/error.ts"
import type { TryRecord } from "../core/record.ts"

/** A target that gave no answer. */
export interface Failure {
  readonly target: Target
  readonly error: GatewayError
  /** Its last try; absent where it made none. */
  readonly last: TryRecord | undefined
}

const mostNamed = 8
const longestName = 100
const longestReason = 200

/** Notes whose error the call ends with, for its headers and its log to name the same target as the answer does. */
export function endsWith({ trail }: Call, { target, last }: Failure): void {
  trail.tried = target
  trail.failedTry = last
}

/** The first failure's error, which says in short what became of the other targets too. A vendor's own body could not, so it is not sent on. */
export function allFailed(call: Call, first: Failure, others: readonly string[]): GatewayFault {
  endsWith(call, first)
  if (others.length === 0) return new GatewayFault(first.error)
  const { upstream, message, ...rest } = first.error
  const { body: _, ...context } = upstream ?? {}
  const named = others.slice(0, mostNamed).join(", ") + (others.length > mostNamed ? ", …" : "")
  return new GatewayFault({ ...rest, message: `${message}; nor did ${named} answer`, ...(upstream ? { upstream: context } : {}) })
}

const nameOf = ({ provider, model }: Target): string => `${provider}/${model}`.slice(0, longestName)

/** A target that was asked, and what came of it. */
export const failedShort = ({ target, error: { kind, upstream } }: Failure): string =>
  `${nameOf(target)} (${kind}${upstream?.status === undefined ? "" : `, ${upstream.status}`})`

/** A target that was not asked, and why. */
export const notAsked = (target: Target, why: string): string => `${nameOf(target)} (not asked: ${why.slice(0, longestReason)})`
