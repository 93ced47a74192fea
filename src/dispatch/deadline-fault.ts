import { fault, type GatewayFault } from "../core/error.ts"
import type { Timeouts } from "../core/registry.ts"
import type { Deadline } from "./watchdog.ts"

/** What a try's deadlines were. */
export interface Limits {
  readonly provider: string
  readonly timeouts: Timeouts
  readonly stream: boolean
  readonly callTotalMs: number
  /** What the call had left of that when the try began. */
  readonly leftMs: number
  readonly clientStallMs: number
}

const seconds = (ms: number): string => `${Math.round(ms) / 1_000} s`

/** Says how long was waited and which setting has it so. */
const late = (what: string, ms: number, setting: string): GatewayFault =>
  fault("timeout", `${what} within ${seconds(ms)} (set by ${setting})`)

export const connectFault = (provider: string, ms: number): GatewayFault =>
  late(`${provider} did not accept a connection`, ms, "network_config.connect_timeout_in_seconds")

/** The fault of a try whose deadline ran out. */
export function deadlineFault(deadline: Deadline, limits: Limits): GatewayFault {
  const { provider, timeouts, callTotalMs, leftMs, clientStallMs } = limits
  switch (deadline) {
    case "connect":
      return connectFault(provider, timeouts.connectMs)
    case "first-byte":
      return late(`${provider} sent nothing of its stream`, timeouts.firstByteMs, "network_config.first_byte_timeout_in_seconds")
    case "idle":
      return late(`${provider} sent nothing more`, timeouts.idleMs, "network_config.stream_idle_timeout_in_seconds")
    case "total": {
      const [ms, setting] = totalOf(limits)
      if (leftMs < ms)
        return late("the call, all of its tries together, did not end", callTotalMs, "routing.total_timeout_in_seconds")
      return late(`${provider} did not finish its answer`, ms, setting)
    }
    case "client-stall":
      return fault("cancelled", `the client took nothing for ${seconds(clientStallMs)}`)
    case "drain":
      return fault("draining", "the gateway is shutting down and did not wait for this answer", { retryAfterMs: 1_000 })
    default:
      return deadline satisfies never
  }
}

const totalOf = ({ stream, timeouts }: Limits): readonly [ms: number, setting: string] =>
  stream
    ? [timeouts.streamTotalMs, "network_config.total_timeout_in_seconds"]
    : [timeouts.unaryTotalMs, "network_config.default_request_timeout_in_seconds"]
