import { GatewayFault } from "../../src/core/error.ts"

/** Undefined when the encoder refuses the body outright, which tells the caller too. */
export function unlessRefused<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (error instanceof GatewayFault) return undefined
    throw error
  }
}
