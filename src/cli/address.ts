import { classifyHost } from "../lib/egress.ts"

/** Whether an address to listen on, or a URL's host, is this machine's own and nobody else's. */
export const isLoopback = (host: string): boolean => host !== "0.0.0.0" && host !== "::" && classifyHost(host) === "loopback"

/** A host as it stands in a URL. */
export const urlHost = (host: string): string => (host.includes(":") && !host.startsWith("[") ? `[${host}]` : host)
