import type { ErrorKind, GatewayError } from "../core/error.ts"

/** What to do about a failed try. `answer`: give it to the caller; the others say where to go next. */
export type Action =
  | "answer"
  | "other-key"
  | "cool-long"
  | "cool-short"
  | "backoff"
  | "next-target"
  | "larger-target"
  | "without-seals"
  | "without-thinking"
  | "stop"

/** The one table that recovery is driven by. */
export function recover(kind: ErrorKind): Action {
  switch (kind) {
    case "invalid-request":
    case "invalid-json":
    case "unsupported":
    case "not-found":
    case "method-not-allowed":
    case "too-large":
    case "content-policy":
    case "forbidden-origin":
    case "upgrade-required":
    case "memory-full":
    case "draining":
    case "internal":
      return "answer"
    case "context-overflow":
      return "larger-target"
    case "seal-rejected":
      return "without-seals"
    case "thinking-rejected":
      return "without-thinking"
    case "model-not-found":
      return "other-key"
    case "authentication":
    case "permission":
    case "billing":
    case "quota":
      return "cool-long"
    case "rate-limit":
      return "cool-short"
    case "overloaded":
    case "server-error":
    case "timeout":
    case "network":
    case "bad-answer":
    case "truncated":
      return "backoff"
    case "credentials-exhausted":
    case "queue-full":
    case "no-provider":
      return "next-target"
    case "cancelled":
      return "stop"
    default:
      return kind satisfies never
  }
}

const ending: ReadonlySet<Action> = new Set<Action>(["answer", "stop", "without-seals", "without-thinking"])

/** True when a failed target's error leaves other targets worth trying. */
export function mayTryNextTarget(error: GatewayError): boolean {
  return !ending.has(recover(error.kind))
}
