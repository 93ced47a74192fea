import { classifyHost } from "../../lib/egress.ts"
import type { Path, Report } from "../problem.ts"

const VERSION_AT_END = /\/v\d+(?:\.\d+)?(?:(?:alpha|beta)\d*)?$/i

const WEB = ["http:", "https:"]

export interface AddressKinds {
  /** With their colons; those of the web unless others are meant. */
  readonly schemes?: readonly string[]
  /** Where a name and a password belong. */
  readonly credentials?: string
}

/**
 * An address without the slashes at its end. One that is no URL of these schemes, that holds credentials, a query or a fragment, or that is never
 * called, is reported at `path` and becomes undefined.
 */
export function readAddress(
  text: string | undefined,
  path: Path,
  report: Report,
  { schemes = WEB, credentials = "put credentials into the keys" }: AddressKinds = {},
): string | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !schemes.includes(url.protocol)) {
    const hint =
      url === undefined || /^[\w.-]+(?::\d+)?(?:\/|$)/.test(text)
        ? "write the whole address, as in https://api.example.com"
        : undefined
    report.error(path, `must be an address that begins with ${schemes.map((scheme) => `${scheme}//`).join(" or ")}`, hint)
    return undefined
  }
  if (url.username !== "" || url.password !== "") {
    report.error(path, "must not hold a name or password", credentials)
    return undefined
  }
  if (url.search !== "" || url.hash !== "") {
    report.error(path, 'must not hold a query or a "#"', "write only the root before the vendor's path")
    return undefined
  }
  const kind = classifyHost(url.hostname)
  if (kind === "link-local" || kind === "reserved") {
    report.error(path, `leads to a ${kind} address, and none of those is ever called`)
    return undefined
  }
  return text.replace(/\/+$/, "")
}

/** What lies in a private network is called where the file says so, and a name is looked up with each call. */
export function warnOfPrivate(address: string | undefined, path: Path, report: Report): void {
  if (address === undefined || classifyHost(new URL(address).hostname) !== "private") return
  report.warn(path, "lies in a private network, so calls are refused", 'write "allow_private_network": true in network_config')
}

/** Whether the path ends in an API version, such as `/v1` or `/v1beta`. */
export function endsInVersion(address: string): boolean {
  return VERSION_AT_END.test(address)
}

/** An address with the version of another at its end, or with none like that. */
export function endingLike(address: string, other: string): string {
  const bare = address.replace(VERSION_AT_END, "")
  return bare + (VERSION_AT_END.exec(other)?.[0] ?? "")
}

/** The path of a single endpoint at the end of an address that is meant for all of them. */
export const endpointOf = (address: string): string | undefined =>
  /\/(?:chat\/completions|responses|messages|completions|models)$/.exec(address)?.[0]
