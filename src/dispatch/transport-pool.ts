import type { Transport } from "../core/registry.ts"
import { httpTransport, type TransportOptions } from "./transport.ts"

export interface TransportPool {
  of(options: TransportOptions): Transport
  /** Closes those of all other providers; what they carry is finished. */
  keep(providers: ReadonlySet<string>): void
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
    keep(providers) {
      for (const [id, { transport }] of pools) {
        if (providers.has(id)) continue
        pools.delete(id)
        transport.close()
      }
    },
  }
}
