import { classifyHost } from "../lib/egress.ts"

/**
 * Whom to count a request to. A peer on this machine or in a private network may be a proxy, whose own word is the last entry of `x-forwarded-for`: those
 * before it are what a client said. It may be no proxy as well and name anybody, so what it says counts as said by it and not as who it names. IPv6
 * counts by its /64, since one host has all of it.
 */
export function clientAddress(peer: string | undefined, forwarded: string | null): string {
  if (peer === undefined) return ""
  const said = forwarded === null || !mayBeProxy(peer) ? undefined : lastOf(forwarded)
  return said === undefined ? networkOf(peer) : `${networkOf(said)} by ${networkOf(peer)}`
}

function mayBeProxy(peer: string): boolean {
  const kind = classifyHost(peer)
  return kind === "loopback" || kind === "private"
}

/** Some proxies write the port as well. */
function lastOf(forwarded: string): string | undefined {
  const entry = forwarded.slice(forwarded.lastIndexOf(",") + 1).trim()
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(entry)?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry
  const kind = bare.length > 64 ? "invalid" : classifyHost(bare)
  return kind === "name" || kind === "invalid" ? undefined : bare
}

function networkOf(address: string): string {
  if (!address.includes(":")) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [left = "", right] = address.split("%")[0]?.toLowerCase().split("::") ?? []
  const head = left === "" ? [] : left.split(":")
  const tail = right === undefined || right === "" ? [] : right.split(":")
  const groups =
    right === undefined ? head : [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill("0"), ...tail]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`
}
