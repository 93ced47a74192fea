import type { Certificate } from "./certificate.ts"
import { type Answer, type Arrival, type Recorded, track, type Writer } from "./upstream/exchange.ts"
import { listenHttp1 } from "./upstream/http1.ts"
import { listenHttp2 } from "./upstream/http2.ts"

export type { Answer, Recorded, Writer } from "./upstream/exchange.ts"

/** One answer for all requests, a list answered in order (the last one repeats), or a choice by request. */
export type Script = Answer | readonly Answer[] | { on(request: Recorded): Answer | Promise<Answer> }

export interface UpstreamOptions {
  readonly script?: Script
  /** HTTP/1.1 by default. `h2` is HTTP/2 alone: over TLS with a certificate, cleartext without. */
  readonly protocol?: "http/1.1" | "h2"
  /** Serve over TLS with this certificate. */
  readonly certificate?: Certificate
}

/** A scripted provider on a loopback port of the kernel's choice. */
export interface Upstream extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Every request whose body has arrived, in order of arrival. */
  readonly requests: readonly Recorded[]
  /** Connections accepted so far, and open now. */
  readonly connections: { readonly accepted: number; readonly open: number }
  /** What scripts threw: a script that throws resets its connection. */
  readonly failures: readonly unknown[]
  /** The request with this ordinal (from 0), as soon as it arrives. */
  received(index: number): Promise<Recorded>
  /** Replaces the script for the requests to come. */
  use(script: Script): void
  /** Replaces the script by a choice made for each request. */
  on(choose: (request: Recorded) => Answer | Promise<Answer>): void
  /** Cuts every open connection and goes on listening. */
  drop(): void
  stop(): Promise<void>
}

export async function fakeUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const requests: Recorded[] = []
  const failures: unknown[] = []
  const waiting = new Map<number, (request: Recorded) => void>()
  let script = options.script ?? unscripted
  let position = 0

  const choose = (request: Recorded): Answer | Promise<Answer> => {
    if (typeof script === "function") return script
    if ("on" in script) return script.on(request)
    const answer = script[Math.min(position, script.length - 1)]
    position += 1
    return answer ?? unscripted
  }

  const serve = async (arrival: Arrival, writer: Writer): Promise<void> => {
    const { request, end } = track(arrival)
    const index = requests.push(request) - 1
    waiting.get(index)?.(request)
    waiting.delete(index)
    const leave = () => end("aborted")
    writer.gone.addEventListener("abort", leave)
    try {
      const answer = await choose(request)
      await answer(writer, request)
    } catch (error) {
      failures.push(error)
      writer.reset()
    }
    writer.gone.removeEventListener("abort", leave)
    end(writer.gone.aborted ? "aborted" : "answered")
  }

  const listen = options.protocol === "h2" ? listenHttp2 : listenHttp1
  const listener = await listen(serve, options.certificate)
  const use = (next: Script) => {
    script = next
    position = 0
  }
  return {
    url: `${options.certificate ? "https" : "http"}://127.0.0.1:${listener.port}`,
    port: listener.port,
    requests,
    connections: listener,
    failures,
    received(index) {
      const request = requests[index]
      if (request) return Promise.resolve(request)
      return new Promise((resolve) => waiting.set(index, resolve))
    },
    use,
    on: (choice) => use({ on: choice }),
    drop: () => listener.drop(),
    stop: () => listener.stop(),
    [Symbol.asyncDispose]: () => listener.stop(),
  }
}

const unscripted: Answer = async (writer, request) => {
  writer.head(501, { "content-type": "text/plain" })
  await writer.write(`no answer scripted for ${request.method} ${request.path}`)
  await writer.end()
}
