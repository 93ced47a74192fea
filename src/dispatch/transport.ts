import type { Sending, SendOptions, Transport } from "../core/registry.ts"
import { lendTo, piecesOf } from "../lib/edited-bytes.ts"
import { ResponseAnswer } from "../lib/http1/answer.ts"
import { HttpClient } from "../lib/http1/client.ts"
import { type SocksBridge, socksBridge } from "../lib/socks-bridge.ts"
import { type AddressGuard, addressGuard } from "./address-guard.ts"
import { connectFault } from "./deadline-fault.ts"

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

/** The provider's own connections: `fetch`'s over TLS and through proxies, our own where nothing is in between. */
export function httpTransport(options: TransportOptions, guarded: AddressGuard = addressGuard(options)): Transport {
  const fetched = fetchTransport(options, guarded)
  if (options.proxy !== undefined) return fetched
  const plain = new HttpClient({ connectMs: options.connectMs, addresses: guarded, late: () => lateFault(options) })
  return {
    send(url, sent) {
      if (!url.startsWith("http:")) return fetched.send(url, sent)
      const { method, headers, body } = sent
      return plain.send(url, body ? { method, headers, body: piecesOf(body) } : { method, headers })
    },
    close() {
      fetched.close()
      plain.close()
    },
  }
}

function fetchTransport(options: TransportOptions, guarded: AddressGuard): Transport {
  const { http2, proxy } = options
  const sessions = openSessions(options)
  /** When each address was last found fit to be called and heard of, so that most calls look nothing up. */
  const known = new Map<string, number>()

  const ready = async (url: string): Promise<Bun.FetchSession> => {
    await guarded(new URL(url).hostname)
    return sessions.now ?? sessions.later()
  }

  const sendTo = async (url: string, sent: SendOptions, signal: AbortSignal): Promise<Response> => {
    const from = performance.now()
    const session = await inTime(ready(url), options, signal)
    const asked = request(session, url, sent, { http2, signal })
    const leftMs = options.connectMs - (performance.now() - from)
    const response = proxy === undefined ? await unlessUnreachable(asked, url, { options, leftMs }) : await asked
    if (known.size >= maxKnown) known.clear()
    known.set(url, performance.now())
    return response
  }

  return {
    send: (url, sent) =>
      fetchSending((signal) => {
        const at = known.get(url)
        if (at === undefined || performance.now() - at > knownMs || !sessions.now) return sendTo(url, sent, signal)
        return request(sessions.now, url, sent, { http2, signal })
      }),
    close: () => sessions.close(),
  }
}

/** What gives a Response as `fetch` does, as a request under way. */
export function fetchSending(ask: (signal: AbortSignal) => Promise<Response>): Sending {
  const controller = new AbortController()
  return {
    answer: ask(controller.signal).then((response) => new ResponseAnswer(response)),
    cancel: (reason) => controller.abort(reason),
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

/** What a request waits for before it is sent has the time in which a connection has to be made, and is waited for only while the request is. */
async function inTime<T>(work: Promise<T>, options: TransportOptions, signal: AbortSignal): Promise<T> {
  const over = Promise.withResolvers<never>()
  const leave = () => over.reject(signal.reason)
  const timer = setTimeout(() => over.reject(lateFault(options)), options.connectMs)
  signal.addEventListener("abort", leave, { once: true })
  try {
    return await Promise.race([work, over.promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener("abort", leave)
  }
}

interface Reaching {
  readonly options: TransportOptions
  /** Of the time in which a connection has to be made, in milliseconds. */
  readonly leftMs: number
}

/** `fetch` does not say when it has a connection, so a host not heard of lately is also asked for a bare one, beside the request. */
async function unlessUnreachable(asked: Promise<Response>, url: string, { options, leftMs }: Reaching): Promise<Response> {
  asked.catch(() => undefined)
  const { connect } = await import("node:net")
  const { hostname, port, protocol } = new URL(url)
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(lateFault(options)), leftMs)
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

const lateFault = ({ provider, connectMs }: TransportOptions) => connectFault(provider, connectMs)

interface How {
  readonly http2: TransportOptions["http2"]
  readonly signal: AbortSignal
}

function request(session: Bun.FetchSession, url: string, sent: SendOptions, { http2, signal }: How): Promise<Response> {
  const { method, headers, body } = sent
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
