import { fault, GatewayFault } from "../core/error.ts"
import { JsonDepthError, JsonSyntaxError } from "../lib/json.ts"

/** Whatever was thrown while a caller's body was read, as a fault that names what is wrong with it. */
export function asCallerFault(error: unknown): GatewayFault {
  if (error instanceof GatewayFault) return error
  if (error instanceof JsonSyntaxError || error instanceof JsonDepthError)
    return fault("invalid-json", `the request body is not valid JSON: ${error.message}`)
  return asFault(error)
}

/** Anything thrown, as a fault; what nobody foresaw is the gateway's. */
export function asFault(error: unknown): GatewayFault {
  if (error instanceof GatewayFault) return error
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : "unknown"
  return fault("internal", `the gateway failed on this call: ${detail.slice(0, 300)}`)
}
