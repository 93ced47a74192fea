import type { Elysia } from "elysia"
import type { HttpExchange } from "../core/http-exchange.ts"

export interface Exchanges {
  /** Waits for an answer and counts it. */
  count<Answer>(request: Request, answer: () => Answer | Promise<Answer>): Promise<Answer>
  /** This request is a call, which is counted when it ends and not here. */
  isCall(request: Request): void
}

/** The page's own paths, which are no routes of the app. */
const pagePaths = ["/", "/assets/*"] as const
/** For whatever is no route, so that clients cannot make labels. */
const noRoute = "_other"

/** Counts whatever goes through the app but calls to models; for those that Bun's own routes take, `count` is theirs to use. */
export function countExchanges(app: Elysia, observed: (exchange: HttpExchange) => void): Exchanges {
  const calls = new WeakSet<Request>()
  let routeOf: ((path: string) => string) | undefined
  const count = async <Answer>(request: Request, answer: () => Answer | Promise<Answer>): Promise<Answer> => {
    const started = performance.now()
    const answered = await answer()
    if (calls.has(request)) return answered
    const { response, bytesOut } = await measured(answered)
    routeOf ??= routeFinder(app.routes.map((route) => route.path))
    observed({
      route: routeOf(barePath(request.url)),
      method: request.method,
      status: statusOf(request, response),
      seconds: (performance.now() - started) / 1_000,
      bytesIn: Number(request.headers.get("content-length") ?? 0) || 0,
      bytesOut,
    })
    return (response as Answer | undefined) ?? answered
  }
  app.wrap(
    (handle, request) =>
      (...given: unknown[]) =>
        count(request, () => handle(...given)),
  )
  return { count, isCall: (request) => void calls.add(request) }
}

/** An upgraded connection's answer was sent by the upgrade itself; what comes back for it is empty, if anything comes at all. */
function statusOf({ headers }: Request, response: Response | undefined): number {
  if (!response) return switchedProtocols
  const upgraded = response.ok && headers.get("upgrade")?.toLowerCase() === "websocket"
  return upgraded ? switchedProtocols : response.status
}

const switchedProtocols = 101

interface Measured {
  /** Absent for an upgrade to WebSocket. */
  readonly response?: Response
  readonly bytesOut: number
}

/** Nothing here streams, so an answer whose length nobody has said is read to know it. */
async function measured(answer: unknown): Promise<Measured> {
  if (!(answer instanceof Response)) return { bytesOut: 0 }
  const declared = answer.headers.get("content-length")
  if (declared !== null) return { response: answer, bytesOut: Number(declared) }
  const { status, statusText, headers } = answer
  const bytes = await answer.bytes()
  if (bytes.length === 0) return { response: new Response(null, { status, statusText, headers }), bytesOut: 0 }
  return { response: new Response(bytes, { status, statusText, headers }), bytesOut: bytes.length }
}

/** Which of the templates a path belongs to. */
function routeFinder(templates: readonly string[]): (path: string) => string {
  const known = new Set([...templates, ...pagePaths].filter((template) => template !== "/*"))
  const patterns = [...known]
    .filter((template) => /[:*]/.test(template))
    .map((template) => ({ template, pattern: new RegExp(`^${template.replace(/:\w+/g, "[^/]+").replace("*", ".+")}$`) }))
  return (path) => (known.has(path) ? path : (patterns.find(({ pattern }) => pattern.test(path))?.template ?? noRoute))
}

/** Without its query, and without a closing slash, which routes do not mind. */
function barePath(url: string): string {
  const from = url.indexOf("/", url.indexOf("://") + 3)
  const mark = url.indexOf("?", from)
  const path = mark < 0 ? url.slice(from) : url.slice(from, mark)
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path
}
