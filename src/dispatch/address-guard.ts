import { lookup } from "node:dns/promises"
import { fault } from "../core/error.ts"
import { classifyHost } from "../lib/egress.ts"

export interface AddressRules {
  readonly provider: string
  /** Private address ranges may be called; loopback always may, link-local and metadata addresses never. */
  readonly allowPrivateNetwork: boolean
  /** A proxy resolves names by itself. */
  readonly proxy?: unknown
}

/** The addresses of a URL's host, each of which may be called. Throws where one may not, or the name has none. */
export type AddressGuard = (hostname: string) => Promise<readonly string[]>

const freshMs = 5_000
const mostHosts = 64

/** Refuses addresses that a gateway must not be made to call. Names are looked up once for connections that are made together. */
export function addressGuard(rules: AddressRules): AddressGuard {
  const looked = new Map<string, { readonly at: number; readonly addresses: Promise<readonly string[]> }>()
  return async (hostname) => {
    const host = hostname.replace(/^\[|\]$/g, "")
    const kind = classifyHost(host)
    if (kind === "loopback") return /[a-z]/i.test(host) && !host.includes(":") ? ["127.0.0.1", "::1"] : [host]
    if (kind !== "name") return judged(rules, host, [host])
    if (rules.proxy !== undefined) return [host]
    const known = looked.get(host)
    if (known && performance.now() - known.at < freshMs) return known.addresses
    if (looked.size >= mostHosts) looked.clear()
    const addresses = addressesOf(host, rules)
    looked.set(host, { at: performance.now(), addresses })
    addresses.catch(() => looked.delete(host))
    return addresses
  }
}

async function addressesOf(host: string, rules: AddressRules): Promise<readonly string[]> {
  return judged(rules, host, await lookedUp(host, rules))
}

async function lookedUp(host: string, { provider }: AddressRules): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch {
    throw fault("network", `could not resolve the host of ${provider}`)
  }
}

function judged({ provider, allowPrivateNetwork }: AddressRules, host: string, addresses: readonly string[]): readonly string[] {
  const refused = (why: string) => fault("no-provider", `${provider}: the address of ${host} is refused (${why})`)
  for (const address of addresses) {
    const kind = classifyHost(address)
    if (kind === "link-local" || kind === "reserved" || kind === "invalid") throw refused(kind)
    if (kind === "private" && !allowPrivateNetwork) {
      throw refused("private; set network_config.allow_private_network to call it")
    }
  }
  return addresses
}
