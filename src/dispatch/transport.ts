import { lookup } from "node:dns/promises"
import { fault } from "../core/error.ts"
import type { SendOptions, Transport } from "../core/registry.ts"
import { lendTo } from "../lib/edited-bytes.ts"
import { classifyHost } from "../lib/egress.ts"
import { type SocksBridge, socksBridge } from "../lib/socks-bridge.ts"

export interface TransportOptions {
  readonly provider: string
  readonly http2: "auto" | "on" | "off"
  /** How long a host that has not answered lately may take to accept a connection. */
  readonly connectMs: number
  readonly insecureSkipVerify: boolean
  readonly caPem?: string | undefined
  /** Private address ranges may be called; loopback always may, link-local and metadata addresses never. */
  readonly allowPrivateNetwork: boolean
  /** `environment`: the usual variables; undefined: no proxy at all. */
  readonly proxy?: "environment" | { readonly url: string } | undefined
}

/** The provider's own connection pool. */
export function httpTransport(options: TransportOptions): Transport {
  const { http2, proxy } = options
  const sessions = openSessions(options)
  const guard = egressGuard(options)
  /** When each address was last found fit to be called and heard of, so that most calls look nothing up. */
  const known = new Map<string, number>()

  const sendTo = async (url: string, sent: SendOptions): Promise<Response> => {
    await guard(new URL(url))
    const asked = request(sessions.now ?? (await sessions.later()), url, sent, http2)
    const response = proxy === undefined ? await unlessUnreachable(asked, url, options) : await asked
    if (known.size >= maxKnown) known.clear()
    known.set(url, performance.now())
    return response
  }

  return {
    send(url, sent) {
      const at = known.get(url)
      if (at === undefined || performance.now() - at > knownMs || !sessions.now) return sendTo(url, sent)
      return request(sessions.now, url, sent, http2)
    },
    close: () => sessions.close(),
  }
}

const knownMs = 60_000
const maxKnown = 64

interface Sessions {
  readonly now?: Bun.FetchSession
  later(): Promise<Bun.FetchSession>
  close(): void
}

/** One session; through SOCKS, which `fetch` does not speak, over a bridge that is opened with the first call. */
function openSessions(options: TransportOptions): Sessions {
  const { proxy } = options
  const tls = tlsOf(options)
  const open = (through: Bun.FetchProxyOption | undefined, keepAlive: Bun.FetchSessionInit["keepAlive"]) =>
    new Bun.FetchSession({ ...(tls ? { tls } : {}), proxy: through, keepAlive })
  if (typeof proxy === "object" && /^socks/i.test(proxy.url))
    return bridged(proxy.url, options, (url) => open({ url, respectNoProxy: false }, false))
  const through = proxy === undefined ? false : proxy === "environment" ? undefined : { url: proxy.url, respectNoProxy: false }
  const session = open(through, { idleTimeout: 60 })
  return { now: session, later: async () => session, close: () => session.close() }
}

function bridged(address: string, { connectMs }: TransportOptions, open: (url: string) => Bun.FetchSession): Sessions {
  const { hostname, port, username, password } = new URL(address)
  let opened: Promise<{ readonly bridge: SocksBridge; readonly session: Bun.FetchSession }> | undefined
  return {
    async later() {
      opened ??= socksBridge({
        host: hostname,
        port: Number(port) || 1080,
        timeoutMs: connectMs,
        ...(username === "" ? {} : { username: decodeURIComponent(username), password: decodeURIComponent(password) }),
      }).then((bridge) => ({ bridge, session: open(bridge.url) }))
      opened.catch(() => {
        opened = undefined
      })
      return (await opened).session
    },
    close() {
      void opened?.then(({ bridge, session }) => {
        session.close()
        bridge.close()
      })
    },
  }
}

/** `fetch` does not say when it has a connection, so a host not heard of lately is also asked for a bare one, beside the request. */
async function unlessUnreachable(
  asked: Promise<Response>,
  url: string,
  { connectMs, provider }: TransportOptions,
): Promise<Response> {
  asked.catch(() => undefined)
  const { connect } = await import("node:net")
  const { hostname, port, protocol } = new URL(url)
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(fault("timeout", `${provider} did not accept a connection in time`)), connectMs)
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (protocol === "https:" ? 443 : 80) })
  const over = () => {
    clearTimeout(timer)
    socket.destroy()
  }
  socket.once("connect", over).once("error", over)
  try {
    return await Promise.race([asked, late.promise])
  } finally {
    over()
  }
}

function request(session: Bun.FetchSession, url: string, sent: SendOptions, http2: TransportOptions["http2"]): Promise<Response> {
  const { method, headers, body, signal } = sent
  // `timeout`: Bun's own idle limit of five minutes would end a slow answer; deadlines are ours.
  const init: BunFetchRequestInit & { timeout: false } = { method, headers, signal, redirect: "manual", timeout: false }
  if (http2 !== "auto" && url.startsWith("https:")) init.protocol = http2 === "on" ? "http2" : "http1.1"
  if (!body) return session.fetch(url, init)
  return lendTo(body, (bytes) => {
    init.body = bytes as BodyInit
    return session.fetch(url, init)
  })
}

function tlsOf({ insecureSkipVerify, caPem }: TransportOptions): BunFetchRequestInit["tls"] | undefined {
  if (!insecureSkipVerify && caPem === undefined) return undefined
  return { ...(insecureSkipVerify ? { rejectUnauthorized: false } : {}), ...(caPem === undefined ? {} : { ca: caPem }) }
}

/** Refuses addresses that a gateway must not be made to call. A proxy resolves names by itself. */
function egressGuard({ provider, allowPrivateNetwork, proxy }: TransportOptions): (url: URL) => Promise<void> {
  const judge = (host: string, kind: string): void => {
    if (kind === "link-local" || kind === "reserved" || kind === "invalid") throw refused(provider, host, kind)
    if (kind === "private" && !allowPrivateNetwork) {
      throw refused(provider, host, "private; set network_config.allow_private_network to call it")
    }
  }
  return async ({ hostname }) => {
    const host = hostname.replace(/^\[|\]$/g, "")
    const kind = classifyHost(host)
    if (kind !== "name") return judge(host, kind)
    if (proxy !== undefined) return
    for (const { address } of await addressesOf(host, provider)) judge(host, classifyHost(address))
  }
}

async function addressesOf(host: string, provider: string) {
  try {
    return await lookup(host, { all: true })
  } catch {
    throw fault("network", `could not resolve the host of ${provider}`)
  }
}

const refused = (provider: string, host: string, why: string) =>
  fault("no-provider", `${provider}: the address of ${host} is refused (${why})`)
