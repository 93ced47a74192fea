import type { Transport } from "../core/registry.ts"
import { httpTransport, type TransportOptions } from "./transport.ts"

export interface TransportPool {
  of(options: TransportOptions): Transport
}

/** Connection pools by provider: an edit elsewhere in the configuration closes none. One that is replaced finishes what it carries. */
export function transportPool(): TransportPool {
  const pools = new Map<string, { readonly key: string; readonly transport: Transport }>()
  return {
    of(options) {
      const key = JSON.stringify(options)
      const known = pools.get(options.provider)
      if (known?.key === key) return known.transport
      const transport = httpTransport(options)
      known?.transport.close()
      pools.set(options.provider, { key, transport })
      return transport
    },
  }
}
