import type { Server } from "bun"
import { type Context, Elysia } from "elysia"
import { fault, type GatewayError } from "../core/error.ts"
import type { HttpExchange } from "../core/http-exchange.ts"
import type { Wire } from "../core/wire.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { answerError } from "./answer.ts"
import { listenerLimits } from "./api/live.ts"
import { corsHeaders, type Refusal, unescaped } from "./doors.ts"
import { countExchanges, type Exchanges } from "./exchanges.ts"
import type { Gate } from "./gate.ts"
import { type InferenceOptions, inferenceHandler } from "./inference.ts"
import { listModels, type ReadModels } from "./models.ts"
import { nothingHere } from "./nothing-here.ts"
import { idleSeconds } from "./patience.ts"
import { challenge, closedInference, howToEnter, notAccepted, tooManyGuesses } from "./session.ts"

export interface ServerOptions extends InferenceOptions {
  readonly dialects: readonly Dialect[]
  readonly readModels: ReadModels
  readonly gate: Gate
  /** `/api`, `/ws` and the like, ready-made. */
  mountAdmin(app: Elysia): void
  health(): { readonly status: number; readonly body: object }
  /** Something else than a call was answered. */
  exchanged(exchange: HttpExchange): void
  metrics(): Promise<{ readonly text: string; readonly contentType: string }>
  /** The page and its assets; undefined for paths that are neither. */
  page(request: Request, path: string): Promise<Response | undefined>
}

/** The whole HTTP surface as one Elysia app: doors first, then inference, model lists, health, metrics, admin, page. */
export function httpApp(options: ServerOptions): Elysia {
  const routes: Record<string, { readonly POST: DirectRoute }> = {}
  const app = new Elysia({
    serve: { reusePort: false, idleTimeout: idleSeconds, maxRequestBodySize: Number.MAX_SAFE_INTEGER, routes },
    websocket: listenerLimits,
  })
  const exchanges = countExchanges(app, options.exchanged)
  app.onRequest(({ request, set }) => atTheDoor(request, set.headers, options))
  for (const dialect of options.dialects) {
    mountInference({ app, routes, exchanges }, dialect, options)
    mountModels(app, dialect, options)
  }
  app.get("/health", () => {
    const { status, body } = options.health()
    return Response.json(body, { status })
  })
  app.get("/metrics", async () => {
    const { text, contentType } = await options.metrics()
    return new Response(text, { headers: { "content-type": contentType } })
  })
  options.mountAdmin(app)
  app.all("/*", async ({ request }) => elsewhere(request, options), { parse: "none" })
  app.onError(({ request, error }) => {
    const message = error instanceof Error ? error.message : "unknown"
    return refuse(request, fault("internal", `the gateway failed on this request: ${message.slice(0, 200)}`).error, options)
  })
  return app
}

type DirectRoute = (request: Request, server: Server<unknown>) => Response | Promise<Response>

interface Surface {
  readonly app: Elysia
  readonly routes: Record<string, { readonly POST: DirectRoute }>
  readonly exchanges: Exchanges
}

/**
 * Calls that come from no browser go to their handler by Bun's own routes, through the same doors: a context and a promise of Elysia's for each
 * would cost a tenth of the call. All else at these paths is Elysia's.
 */
function mountInference({ app, routes, exchanges }: Surface, dialect: Dialect, options: ServerOptions): void {
  for (const { path, wire } of dialect.endpoints) {
    for (const prefix of dialect.prefixes) {
      const route = prefix + path
      const handle = inferenceHandler(dialect, wire, route, options)
      const handleCounted = (request: Request) => {
        exchanges.isCall(request)
        return handle(request, app.server)
      }
      routes[route] = {
        POST(request, server) {
          if (request.headers.get("origin") !== null) return app.fetch(request)
          const refusal = options.gate.knock(request, route)
          if (refusal === undefined) return handle(request, server)
          return exchanges.count(request, () => refused(request, refusal, options))
        },
      }
      app.post(route, ({ request }) => handleCounted(request), { parse: "none" })
      app.all(route, ({ request }) => wrongMethod(request, wire, options), { parse: "none" })
    }
  }
}

/** Codex asks for a WebSocket first; 426 sends it to POST at once. */
function wrongMethod(request: Request, wire: Wire, { redact }: ServerOptions): Response {
  const upgrade = request.headers.get("upgrade")?.toLowerCase() === "websocket"
  const error = upgrade
    ? fault("upgrade-required", "this endpoint does not speak WebSocket; send a POST request")
    : fault("method-not-allowed", `this endpoint takes POST, not ${request.method}`)
  const response = answerError(wire, error.error, { redact })
  response.headers.set("allow", "POST")
  return response
}

function mountModels(app: Elysia, dialect: Dialect, options: ServerOptions): void {
  for (const prefix of dialect.prefixes) {
    app.get(`${prefix}/models`, async ({ request, query }) => {
      const models = await listModels(options.registry(), options.readModels, query.provider)
      return Response.json(faceOf(request, dialect, options).models.list(models))
    })
    app.get(`${prefix}/models/*`, async ({ request, params }) => {
      const wanted = unescaped(params["*"])
      const models = await listModels(options.registry(), options.readModels)
      const face = faceOf(request, dialect, options)
      const found = models.find((model) => model.name === wanted) ?? models.find((model) => model.id === wanted)
      if (found) return Response.json(face.models.one(found))
      return answerError(
        face.wire,
        fault("model-not-found", `no model is named ${wanted.slice(0, 200)}`, { param: "model" }).error,
        options,
      )
    })
  }
}

/** The dialect whose client this is: by its headers, else by its path. */
const faceOf = (request: Request, dialect: Dialect, { dialects }: ServerOptions): Dialect =>
  dialects.find((other) => other.claims?.(request.headers)) ?? dialect

/** Lets a request in, with what a listed browser origin must be told, or answers it. */
function atTheDoor(
  request: Request,
  headers: Context["set"]["headers"],
  options: ServerOptions,
): Response | Promise<Response> | undefined {
  const refusal = options.gate.knock(request, pathOf(request.url))
  const origin = request.headers.get("origin")
  const known = origin !== null && refusal !== "host" && refusal !== "origin"
  const cors = known ? corsHeaders(request, origin) : {}
  if (refusal !== undefined) return refused(request, refusal, options, cors)
  if (!known) return undefined
  if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: cors })
  Object.assign(headers, cors)
  return undefined
}

/** Wrong credentials are answered late where they come in numbers. */
function refused(
  request: Request,
  refusal: Refusal,
  options: ServerOptions,
  cors: Readonly<Record<string, string>> = {},
): Response | Promise<Response> {
  const response = refuse(request, reasonOf(request, refusal, options), options)
  if (refusal.endsWith("admin")) response.headers.set("www-authenticate", challenge)
  for (const name in cors) response.headers.set(name, cors[name] ?? "")
  const pause = refusal.startsWith("wrong-") ? options.gate.pause() : undefined
  return pause ? pause.then(() => response) : response
}

function reasonOf(request: Request, refusal: Refusal, options: ServerOptions): GatewayError {
  switch (refusal) {
    case "host":
      return fault("forbidden-origin", "this Host is not served here; add it to client.allowed_hosts").error
    case "origin":
      return fault("forbidden-origin", "this Origin may not call the gateway; add it to client.allowed_origins").error
    case "admin":
      return fault("authentication", howToEnter(options.doors().admin ?? {}), { blame: "caller" }).error
    case "wrong-admin":
      return fault("authentication", notAccepted(howToEnter(options.doors().admin ?? {})), { blame: "caller" }).error
    case "inference":
      return fault("authentication", closedInference, { blame: "caller" }).error
    case "wrong-inference":
      return fault("authentication", notAccepted(closedInference), { blame: "caller" }).error
    case "locked":
      return tooManyGuesses(options.gate.waitMs(request)).error
    default:
      return refusal satisfies never
  }
}

/** Everything that no route took: the page and its assets, the agents' `HEAD`, else 404 with what was perhaps meant. */
async function elsewhere(request: Request, options: ServerOptions): Promise<Response> {
  const path = pathOf(request.url)
  const bare = bareOf(path)
  const served = bare === "/" || options.dialects.some((dialect) => dialect.prefixes.includes(bare))
  if (request.method === "HEAD" && served) return new Response(null, { status: 200 })
  if (request.method === "GET" || request.method === "HEAD") {
    const page = await options.page(request, path)
    if (page) return page
  }
  const asked = { method: request.method, path: bare, host: request.headers.get("host") ?? "" }
  const { error, wire, allow } = nothingHere(asked, options.dialects)
  const response = wire ? answerError(wire, error, options) : refuse(request, error, options)
  if (allow !== undefined) response.headers.set("allow", allow)
  return response
}

/** An error in the shape of the endpoint, or of whichever dialect the request belongs to. */
function refuse(request: Request, error: GatewayError, options: ServerOptions): Response {
  const { dialects } = options
  const path = bareOf(pathOf(request.url))
  const byPath = dialects.find(({ prefixes }) => prefixes.some((prefix) => `${path}/`.startsWith(`${prefix}/`)))
  const face = dialects.find((dialect) => dialect.claims?.(request.headers)) ?? byPath ?? dialects[0]
  const wire = endpointWire(path, dialects) ?? face?.wire
  if (!wire) return new Response(error.message, { status: 500 })
  return answerError(wire, error, options)
}

const endpointWire = (path: string, dialects: readonly Dialect[]): Wire | undefined => {
  for (const { prefixes, endpoints } of dialects)
    for (const prefix of prefixes) {
      const found = path.startsWith(prefix) && endpoints.find((endpoint) => prefix + endpoint.path === path)
      if (found) return found.wire
    }
  return undefined
}

/** Without a closing slash, which routes do not mind. */
const bareOf = (path: string): string => (path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path)

function pathOf(url: string): string {
  const from = url.indexOf("/", url.indexOf("://") + 3)
  const mark = url.indexOf("?", from)
  return mark < 0 ? url.slice(from) : url.slice(from, mark)
}
