import { join } from "node:path"
import { warmCatalog } from "./catalog/price-data.ts"
import { keepFirst, openLiveRegistry } from "./config/live-registry.ts"
import type { ConfigChange, ConfigSource } from "./config/source.ts"
import type { Config } from "./config/types.ts"
import type { Call, Reply } from "./core/call.ts"
import type { GatewayFault } from "./core/error.ts"
import { callExchange } from "./core/http-exchange.ts"
import type { Registry } from "./core/registry.ts"
import { dialects } from "./dialects/index.ts"
import { readPayload } from "./dialects/read-payload.ts"
import { dispatcher } from "./dispatch/dispatcher.ts"
import { localTransport } from "./dispatch/local-transport.ts"
import { type ModelLists, modelLists } from "./dispatch/models.ts"
import { type DispatchState, dispatchState } from "./dispatch/state.ts"
import { transportPool } from "./dispatch/transport-pool.ts"
import { expireAll } from "./dispatch/watchdog.ts"
import { mountAdminApi } from "./http/api/admin.ts"
import { assetHandler } from "./http/assets.ts"
import { bodyReader } from "./http/body.ts"
import { loadBundle } from "./http/bundle.ts"
import { clientAddress } from "./http/client-address.ts"
import { cutShort, drain } from "./http/drain.ts"
import { type Entrance, entranceOf } from "./http/entrance.ts"
import { gate } from "./http/gate.ts"
import { health, keyStates } from "./http/health.ts"
import { modelNames, type NamesWanted } from "./http/models.ts"
import { runningCalls } from "./http/running.ts"
import { httpApp } from "./http/server.ts"
import { afterwards } from "./lib/afterwards.ts"
import { onceFor } from "./lib/once-for.ts"
import { secretBox } from "./lib/secret-box.ts"
import { within } from "./lib/within.ts"
import { callLog } from "./plugins/call-log.ts"
import { complaint } from "./plugins/complaint.ts"
import { feed } from "./plugins/feed.ts"
import { metrics } from "./plugins/metrics.ts"
import { findProvider, keyVariableOf, providerFacts } from "./providers/find.ts"
import { type LazyLog, lazyLog } from "./store/lazy-log.ts"
import { sqliteLogStore } from "./store/sqlite/log-store.ts"
import { version } from "./version.ts"

export { providerFacts }

export interface GatewayOptions {
  readonly host: string | undefined
  readonly port: number | undefined
  readonly dir: string
  readonly file?: string | undefined
  readonly strict: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  log(level: "info" | "warn" | "error", message: string): void
}

export interface Gateway {
  readonly url: string
  readonly source: ConfigSource
  readonly registry: Registry
  /** The admin credential that was made because none was set; absent where none is needed. */
  readonly madeToken?: string
  /** Bound to more than this machine. */
  readonly open: boolean
  /** Names of models as `provider/model`. */
  models(wanted: NamesWanted): Promise<readonly string[]>
  reload(): Promise<ConfigChange>
  /** Takes no new calls, lets running ones finish, flushes. */
  drain(): Promise<void>
  /** Ends running calls with an error that says so, and flushes, within a second in all. */
  cutShort(): Promise<void>
}

const flushMs = 5_000
const lastFlushMs = 250
const logStartMs = 100

const shutText =
  "admin: the file sets no credential any more, so nobody can enter the page, its API and the metrics — set admin.token, or start again for one that is made"

/** Puts the gateway together and starts it. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const startedAt = Date.now()
  const state = dispatchState()
  const lists = modelLists()
  const configured = await openRegistry(options, lists, state, (config) => (entrance.shutBy(config) ? [shutText] : []))
  const { source } = configured
  const logs = openLogs(options, configured)
  const records = callRecords(options, configured, state, logs)
  const running = runningCalls(records.counts)
  const entrance = entranceOf(options.host, () => source.current().config)
  const { host, open, madeToken } = entrance
  if (madeToken !== undefined) configured.secrets.add(madeToken)
  let url = ""
  const app = composed({ configured, state, lists, logs, records, running, entrance, told: () => ({ startedAt, url }) })
  const port = options.port ?? source.current().config.server.port ?? 8080
  app.listen({ port, hostname: host })
  const kept = keepFirst(source, options.log)
  // What takes tens of milliseconds to start: not before the first answer, and not within a call. A call that ends sooner opens the log itself.
  setTimeout(logs.open, logStartMs).unref()
  setTimeout(warmCatalog, 1_000).unref()
  url = `http://${host.includes(":") ? `[${host}]` : host}:${app.server?.port ?? port}`
  const ending = { running, endCalls: expireAll, stopServer: (cut: boolean) => app.server?.stop(cut) }
  return {
    url,
    source,
    get registry() {
      return configured.registry()
    },
    ...(madeToken !== undefined && entrance.needsToken ? { madeToken } : {}),
    open,
    models: (wanted) => modelNames(configured.registry(), lists, wanted),
    reload: () => source.reload(),
    async drain() {
      const { drainMs } = source.current().config.client
      await drain({ ...ending, deadlineMs: drainMs })
      source.stop()
      await Promise.all([logs.stop(flushMs), within(flushMs, kept)])
    },
    async cutShort() {
      await cutShort(ending)
      await logs.stop(lastFlushMs)
    },
  }
}

const openLogs = ({ dir, log: tell }: GatewayOptions, { source, secrets: { spellings: secrets } }: Configured): LazyLog => {
  const logging = () => source.current().config.client.logging
  const directory = join(dir, "logs")
  return lazyLog(
    () => logging().enabled,
    () => sqliteLogStore({ directory, retentionDays: logging().retentionDays, secrets, tell }),
  )
}

/** All that the HTTP side is made of. */
interface Parts {
  readonly configured: Configured
  readonly state: DispatchState
  readonly lists: ModelLists
  readonly logs: LazyLog
  readonly records: ReturnType<typeof callRecords>
  readonly running: ReturnType<typeof runningCalls>
  readonly entrance: Entrance
  told(): { readonly startedAt: number; readonly url: string }
}

function composed({ configured, state, lists, logs, records, running, entrance, told }: Parts) {
  const { live, counts, log, logEnded } = records
  const { doors } = entrance
  const { source, secrets } = configured
  const config = () => source.current().config
  const guarded = gate({
    rules: doors,
    address: (request) => clientAddress(app.server?.requestIP(request)?.address, request.headers.get("x-forwarded-for")),
  })
  const status = () => ({
    version,
    ...told(),
    source,
    registry: configured.registry(),
    state,
    lists,
    log: logs.health(),
    draining: running.draining,
    totals: running.totals(),
  })
  const app = httpApp({
    dialects,
    dispatch: dispatcher({ state, plugins: [], skipped: counts.pluginSkipped }),
    registry: configured.registry,
    limits: () => ({ maxBytes: config().client.maxRequestBodyBytes, heldBytes: config().client.heldBodyLimitBytes }),
    bodies: bodyReader(),
    redact: secrets.redact,
    draining: () => running.draining,
    begin(call) {
      running.begin()
      log.begin(call)
    },
    end(call, status, reply, error) {
      running.end(status, reply)
      logEnded({ call, status, reply, error, now: performance.now() })
    },
    refused(request) {
      running.refused()
      log.refused(request)
    },
    doors,
    gate: guarded,
    readModels: lists.read,
    mountAdmin: (app) =>
      mountAdminApi(app, { store: logs.open, decode: readPayload, secrets, live, gate: guarded, doors, status }),
    health: () => health({ version, source, registry: configured.registry(), draining: running.draining, log: logs.health() }),
    exchanged: counts.httpObserved,
    metrics: async () => ({ text: await counts.text(), contentType: counts.contentType }),
    page: assetHandler({ load: loadBundle, mayEnter: guarded.entersAdmin }),
  })
  return app
}

/** What becomes of finished calls: rows of the log, counts, the live feed, a line on the console. */
function callRecords(options: GatewayOptions, { source, secrets, registry }: Configured, state: DispatchState, logs: LazyLog) {
  const config = () => source.current().config
  const live = feed()
  const counts = metrics({
    labels: () => config().client.prometheusLabels,
    log: logs.health,
    keys: () => keyStates(registry(), state),
    queues: () => state.load(),
    config: () => ({ source: source.state(), version: source.current().version, problems: source.problems().length }),
  })
  const logging = onceFor(({ client: { logging } }: Config) => ({
    enabled: logging.enabled,
    content: logging.content,
    callersDecide: logging.callersDecide,
    limitBytes: logging.payloadLimitBytes,
  }))
  const log = callLog({
    store: logs.open,
    policy: () => logging(config()),
    redact: secrets.redact,
    failed: () => counts.pluginSkipped("log"),
    tell: [
      counts.observeCall,
      (record) => counts.httpObserved(callExchange(record)),
      live.publish,
      (record) => {
        if (config().client.logging.errorsToConsole && record.error) options.log("error", complaint(record))
      },
    ],
  })
  // the answer is sent first
  const logEnded = afterwards(({ call, status, reply, error, now }: EndedCall) => log.end(call, status, reply, error, now))
  return { live, counts, log, logEnded }
}

interface EndedCall {
  readonly call: Call
  readonly status: number
  readonly reply: Reply | undefined
  readonly error: GatewayFault | undefined
  readonly now: number
}

type Configured = Awaited<ReturnType<typeof openRegistry>>

/** The configuration and the registry made of it. */
async function openRegistry(
  options: GatewayOptions,
  lists: ModelLists,
  state: DispatchState,
  warnings: (config: Config) => readonly string[],
) {
  const secrets = secretBox()
  const transports = transportPool()
  const live = await openLiveRegistry({
    ...options,
    bound: options,
    facts: providerFacts,
    provider: findProvider,
    keyVariable: keyVariableOf,
    transport: ({ local }, connection) => (local ? localTransport(local) : transports.of(connection)),
    lists,
    secrets,
    warnings,
    changed({ providers }) {
      state.limit(providers.values())
      transports.keep(new Set(providers.keys()))
    },
  })
  return { ...live, secrets }
}
