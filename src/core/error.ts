/** Who has to act: blame alone decides recovery. */
export type Blame = "request" | "key" | "provider" | "gateway" | "caller"

export const errorKinds = [
  "invalid-request",
  "invalid-json",
  "unsupported",
  "model-not-found",
  "not-found",
  "method-not-allowed",
  "too-large",
  "context-overflow",
  "content-policy",
  "seal-rejected",
  "thinking-rejected",
  "authentication",
  "permission",
  "billing",
  "quota",
  "rate-limit",
  "overloaded",
  "server-error",
  "timeout",
  "network",
  "bad-answer",
  "truncated",
  "queue-full",
  "memory-full",
  "credentials-exhausted",
  "no-provider",
  "cancelled",
  "draining",
  "upgrade-required",
  "forbidden-origin",
  "internal",
] as const
export type ErrorKind = (typeof errorKinds)[number]

/** What the vendor said, already redacted. */
export interface UpstreamContext {
  readonly provider?: string
  readonly status?: number
  /** The vendor's own error type and code. */
  readonly type?: string
  readonly code?: string
  readonly requestId?: string
  /** The body as it came, at most 64 KiB: an error that relays to its own wire is answered with it. */
  readonly body?: string
  readonly contentType?: string
  readonly wire?: string
}

export interface GatewayError {
  readonly kind: ErrorKind
  readonly blame: Blame
  readonly message: string
  /** The field at fault, in the caller's terms, such as `messages[2].content`. */
  readonly param?: string
  readonly retryAfterMs?: number
  readonly upstream?: UpstreamContext
}

/** Thrown inside the gateway wherever a call cannot go on. */
export class GatewayFault extends Error {
  constructor(readonly error: GatewayError) {
    super(error.message)
    this.name = "GatewayFault"
  }
}

export const fault = (
  kind: ErrorKind,
  message: string,
  more: Omit<GatewayError, "kind" | "message" | "blame"> & { blame?: Blame } = {},
): GatewayFault => new GatewayFault({ kind, message, blame: more.blame ?? blameOf(kind), ...without(more) })

const without = ({ blame: _, ...rest }: Omit<GatewayError, "kind" | "message" | "blame"> & { blame?: Blame }) => rest

/** The blame that a kind has unless its maker knows better. */
export function blameOf(kind: ErrorKind): Blame {
  switch (kind) {
    case "invalid-request":
    case "invalid-json":
    case "unsupported":
    case "model-not-found":
    case "not-found":
    case "method-not-allowed":
    case "too-large":
    case "context-overflow":
    case "content-policy":
    case "seal-rejected":
    case "thinking-rejected":
    case "forbidden-origin":
    case "upgrade-required":
      return "request"
    case "authentication":
    case "permission":
    case "billing":
    case "quota":
    case "rate-limit":
      return "key"
    case "overloaded":
    case "server-error":
    case "timeout":
    case "network":
    case "bad-answer":
    case "truncated":
    case "credentials-exhausted":
      return "provider"
    case "queue-full":
    case "memory-full":
    case "draining":
    case "no-provider":
    case "internal":
      return "gateway"
    case "cancelled":
      return "caller"
    default:
      return kind satisfies never
  }
}

/** The HTTP status a client sees for a kind when no vendor status is at hand. */
export function statusOf(kind: ErrorKind): number {
  switch (kind) {
    case "invalid-request":
    case "invalid-json":
    case "unsupported":
    case "context-overflow":
    case "content-policy":
    case "seal-rejected":
    case "thinking-rejected":
      return 400
    case "authentication":
      return 401
    case "billing":
      return 402
    case "permission":
    case "forbidden-origin":
      return 403
    case "model-not-found":
    case "not-found":
    case "no-provider":
      return 404
    case "method-not-allowed":
      return 405
    case "too-large":
      return 413
    case "upgrade-required":
      return 426
    case "quota":
    case "rate-limit":
      return 429
    case "cancelled":
      return 499
    case "internal":
      return 500
    case "server-error":
    case "network":
    case "bad-answer":
    case "truncated":
    case "credentials-exhausted":
      return 502
    case "overloaded":
    case "queue-full":
    case "memory-full":
    case "draining":
      return 503
    case "timeout":
      return 504
    default:
      return kind satisfies never
  }
}

/** The kind that a vendor's status means when its body says nothing more. */
export function kindOfStatus(status: number): ErrorKind {
  switch (status) {
    case 401:
      return "authentication"
    case 402:
      return "billing"
    case 403:
      return "permission"
    case 404:
      return "model-not-found"
    case 408:
    case 504:
      return "timeout"
    case 413:
      return "too-large"
    case 429:
      return "rate-limit"
    case 503:
    case 529:
      return "overloaded"
    default:
      return status >= 500 ? "server-error" : status >= 400 ? "invalid-request" : "bad-answer"
  }
}
