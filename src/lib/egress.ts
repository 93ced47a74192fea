/**
 * Where an address leads. `link-local` includes the clouds' metadata services wherever they live; `reserved` is multicast, documentation
 * and the like, to which no service answers in good faith.
 */
export type AddressKind = "loopback" | "link-local" | "private" | "reserved" | "public"

/**
 * The kind of a URL's host. `name` has to be resolved and each address classified; `invalid` is no host at all. Numbers in every notation that
 * URLs allow (decimal, octal, hex, fewer than four parts, full-width digits) and IPv6 around IPv4 are seen through.
 */
export function classifyHost(host: string): AddressKind | "name" | "invalid" {
  const name = canonicalHost(host)
  if (name === undefined) return "invalid"
  if (name.startsWith("[")) return classifyV6(name.slice(1, -1))
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return classifyV4(parseV4(name))
  const bare = name.replace(/\.$/, "")
  if (bare === "localhost" || bare.endsWith(".localhost")) return "loopback"
  return METADATA_NAMES.has(bare) ? "link-local" : "name"
}

const METADATA_NAMES = new Set([
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "instance-data",
  "instance-data.ec2.internal",
])

function canonicalHost(host: string): string | undefined {
  const unscoped = host.replace(/%.*?(?=\]?$)/, (zone) => (host.includes(":") ? "" : zone))
  const bracketed = unscoped.includes(":") && !unscoped.startsWith("[") ? `[${unscoped}]` : unscoped
  if (bracketed === "" || /[\s/?#@\\]/.test(bracketed) || /\]./.test(bracketed)) return undefined
  try {
    const { hostname, port } = new URL(`http://${bracketed}/`)
    return hostname === "" || port !== "" ? undefined : hostname
  } catch {
    return undefined
  }
}

function parseV4(dotted: string): number {
  return dotted.split(".").reduce((value, part) => value * 256 + Number(part), 0)
}

type Range = readonly [first: number, prefix: number, kind: AddressKind]

function range(cidr: string, kind: AddressKind): Range {
  const [address = "", prefix = "32"] = cidr.split("/")
  return [parseV4(address), Number(prefix), kind]
}

/** IANA's special-purpose registry and the metadata addresses; the first match counts. */
const V4_RANGES: readonly Range[] = [
  range("169.254.0.0/16", "link-local"),
  range("100.100.100.200", "link-local"),
  range("168.63.129.16", "link-local"),
  range("192.0.0.192", "link-local"),
  range("127.0.0.0/8", "loopback"),
  // On most systems the unspecified address reaches the machine itself.
  range("0.0.0.0/8", "loopback"),
  range("10.0.0.0/8", "private"),
  range("172.16.0.0/12", "private"),
  range("192.168.0.0/16", "private"),
  range("100.64.0.0/10", "private"),
  range("198.18.0.0/15", "private"),
  range("192.0.0.0/24", "reserved"),
  range("192.0.2.0/24", "reserved"),
  range("192.88.99.0/24", "reserved"),
  range("198.51.100.0/24", "reserved"),
  range("203.0.113.0/24", "reserved"),
  range("224.0.0.0/3", "reserved"),
]

function classifyV4(address: number): AddressKind {
  for (const [first, prefix, kind] of V4_RANGES) {
    const size = 2 ** (32 - prefix)
    if (address >= first && address < first + size) return kind
  }
  return "public"
}

function classifyV6(text: string): AddressKind {
  const groups = parseV6(text)
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups
  const last = g * 65_536 + h
  const noPrefix = a === 0 && b === 0 && c === 0 && d === 0
  if (noPrefix && e === 0 && f === 0) return last <= 1 ? "loopback" : classifyV4(last)
  if (noPrefix && ((e === 0 && f === 0xffff) || (e === 0xffff && f === 0))) return classifyV4(last)
  if (a === 0x64 && b === 0xff9b) return c === 0 && d === 0 && e === 0 && f === 0 ? classifyV4(last) : "private"
  if (a === 0x2002) return classifyV4(b * 65_536 + c)
  if ((a === 0xfd00 && b === 0xec2) || (a === 0xfd20 && b === 0xce)) return "link-local"
  if ((a & 0xffc0) === 0xfe80) return "link-local"
  if ((a & 0xfe00) === 0xfc00 || (a & 0xffc0) === 0xfec0) return "private"
  // Global unicast is 2000::/3; within it 2001::/23 is for protocols and 2001:db8::/32 and 3fff::/20 for documentation.
  if ((a & 0xe000) !== 0x2000) return "reserved"
  return (a === 0x2001 && (b < 0x200 || b === 0xdb8)) || (a === 0x3fff && b < 0x1000) ? "reserved" : "public"
}

/** Reads the canonical form that URL writes: hex groups with at most one `::`. */
function parseV6(text: string): number[] {
  const [head = "", tail] = text.split("::")
  const groups = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)))
  if (tail === undefined) return groups(head)
  const [before, after] = [groups(head), groups(tail)]
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after]
}
