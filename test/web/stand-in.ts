import type { LogEntryView } from "../../src/http/api/log-entry.ts"
import type { CallRecord, SessionView, StatusView } from "../../src/http/api/types.ts"
import { assetHandler } from "../../src/http/assets.ts"
import { loadBundle } from "../../src/http/bundle.ts"
import { answerStream } from "./stand-in/answers.ts"
import { call, entryOf, eventful, failed, manyCalls } from "./stand-in/calls.ts"
import { status } from "./stand-in/status.ts"

export interface StandInOptions {
  /** A path that everything lies under, as behind a proxy; with its leading slash and without a closing one. */
  readonly prefix?: string
  readonly calls?: readonly CallRecord[]
  readonly status?: () => StatusView
  readonly models?: readonly string[]
  /** Called before each word of an answer; the default waits for nothing. */
  readonly beforeWord?: () => Promise<void>
  /** Called before a page's feed is opened; the default waits for nothing. */
  readonly beforeFeed?: () => Promise<void>
  /** Instead of a call's usual payloads. */
  readonly entry?: (record: CallRecord) => LogEntryView
  /** Where it listens; the default is loopback alone. */
  readonly hostname?: string
  /** How many lists end for want of time, with nothing found. */
  readonly slowLists?: number
  /** Days of which the log can read no calls. */
  readonly unreadable?: readonly string[]
}

/** The page with an API that says what it was told to. */
export interface StandIn extends AsyncDisposable {
  readonly url: string
  /** Tells every open page of a finished call. */
  publish(...records: readonly CallRecord[]): void
  /** Logs finished calls of which no page is told. */
  keep(...records: readonly CallRecord[]): void
  /** Path and query of each request to the API, in order. */
  readonly asked: readonly string[]
  /** Bodies that were posted to a model. */
  readonly posted: readonly { readonly path: string; readonly body: unknown }[]
  /** From now on the API answers 503, and the feed is closed; until it is mended. */
  cut(): void
  mend(): void
}

const words = ["Hello, ", "bonjour, ", "<b>hallo</b>."]
const pageSize = 100

export function standIn(options: StandInOptions = {}): StandIn {
  const { prefix = "", models = ["openai/gpt-5.2", "anthropic/claude-sonnet-5", "mock/echo"] } = options
  const calls = [...(options.calls ?? [])]
  const page = assetHandler({ load: loadBundle, mayEnter: () => true })
  const asked: string[] = []
  const posted: { path: string; body: unknown }[] = []
  let online = true
  let made = 0
  const missing = options.unreadable ? { complete: false, unreadable_days: options.unreadable } : {}
  let slow = options.slowLists ?? 0
  const sockets = new Set<Bun.ServerWebSocket<undefined>>()

  const api = async (request: Request, path: string, query: URLSearchParams): Promise<Response> => {
    if (path === "/api/status") return Response.json(options.status?.() ?? status())
    if (path === "/api/session/is-auth-enabled") return Response.json(open)
    if (path === "/v1/models") return Response.json({ object: "list", data: models.map((id) => ({ id, object: "model" })) })
    if (path === "/api/logs") return Response.json(slow-- > 0 ? nothingYet : { ...listOf(calls, query), ...missing })
    if (path.startsWith("/api/logs/")) {
      const record = calls.find(({ id }) => path.endsWith(`/${id}`))
      if (record !== undefined) return Response.json((options.entry ?? entryOf)(record))
      return Response.json({ error: { type: "not-found", message: "no such call" } }, { status: 404 })
    }
    if (request.method !== "POST") return new Response("not here", { status: 404 })
    const body: unknown = await request.json()
    posted.push({ path, body })
    const id = `req_made_${++made}`
    const headers = { "content-type": "text/event-stream", "x-gantry-request-id": id, "x-gantry-provider": "openai" }
    if ((body as { readonly model?: string }).model === "mock/error-429")
      return Response.json({ error: { message: "slow down" } }, { status: 429, headers: { "x-gantry-request-id": id } })
    const text = answerStream(path, words, options.beforeWord ?? (async () => {}))
    return new Response(text as unknown as BodyInit, { headers })
  }

  const keep = (...records: readonly CallRecord[]) => void calls.unshift(...records.toReversed())

  const server = Bun.serve({
    port: 0,
    hostname: options.hostname ?? "127.0.0.1",
    async fetch(request, self) {
      const url = new URL(request.url)
      if (!url.pathname.startsWith(`${prefix}/`)) return new Response("outside the prefix", { status: 404 })
      const path = url.pathname.slice(prefix.length)
      const file = await page(request, path)
      if (file !== undefined) return file
      asked.push(path + url.search)
      if (!online) return new Response("", { status: 503 })
      if (path === "/ws") await options.beforeFeed?.()
      if (path === "/ws") return self.upgrade(request) ? undefined : new Response("", { status: 400 })
      return api(request, path, url.searchParams)
    },
    websocket: {
      open(socket) {
        sockets.add(socket)
        socket.subscribe("feed")
      },
      close: (socket) => void sockets.delete(socket),
      message() {},
    },
  })

  return {
    url: `http://127.0.0.1:${server.port}${prefix}/`,
    keep,
    publish(...records) {
      keep(...records)
      for (const payload of records) server.publish("feed", JSON.stringify({ type: "log", operation: "create", payload }))
    },
    asked,
    posted,
    cut() {
      online = false
      for (const socket of sockets) socket.close()
    },
    mend() {
      online = true
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop(true)
    },
  }
}

const open: SessionView = { is_auth_enabled: false, has_valid_token: true, asks_for: "token" }
const nothingYet = { logs: [], pagination: { limit: pageSize, has_more: false }, complete: false }

function listOf(calls: readonly CallRecord[], query: URLSearchParams) {
  const from = Number(query.get("cursor") ?? 0)
  const limit = Math.min(pageSize, Number(query.get("limit") ?? pageSize))
  const providers = query.get("providers")?.split(",")
  const words = query.get("search")?.split(" ") ?? []
  const kept = calls.filter(
    (call) =>
      (query.get("status") !== "error" || call.status >= 400) &&
      (providers?.includes(call.provider ?? "") ?? true) &&
      words.every((word) => JSON.stringify(call).toLowerCase().includes(word)),
  )
  const more = kept.length > from + limit
  return {
    logs: kept.slice(from, from + limit),
    pagination: { limit, has_more: more, ...(more ? { cursor: String(from + limit) } : {}) },
    complete: true,
  }
}

/** `bun run test/web/stand-in.ts`: the page to look at while working on it, with a call a second. */
if (import.meta.main) {
  const server = standIn({ calls: [eventful, failed, ...manyCalls(400)] })
  console.log(server.url)
  setInterval(() => server.publish(call({ id: `req_${crypto.randomUUID()}`, at: Date.now() })), 1_000)
}
