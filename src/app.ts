import { homedir } from "node:os"
import { join } from "node:path"
import type { Elysia } from "elysia"
import type { ProviderFacts } from "./config/facts.ts"
import { buildRegistry } from "./config/registry.ts"
import { type ConfigChange, type ConfigSource, openConfig } from "./config/source.ts"
import type { Config, ProviderConfig } from "./config/types.ts"
import type { Call, Reply } from "./core/call.ts"
import type { GatewayFault } from "./core/error.ts"
import type { Provider } from "./core/provider.ts"
import type { Registry, Transport } from "./core/registry.ts"
import { dialects } from "./dialects/index.ts"
import { dispatcher } from "./dispatch/dispatcher.ts"
import { modelLists } from "./dispatch/models.ts"
import { dispatchState } from "./dispatch/state.ts"
import { httpTransport } from "./dispatch/transport.ts"
import { bodyReader } from "./http/body.ts"
import { type DoorRules, isLoopbackHost } from "./http/doors.ts"
import { httpApp } from "./http/server.ts"
import { secretBox } from "./lib/secret-box.ts"
import { customProvider } from "./providers/custom.ts"
import { builtinProviders } from "./providers/index.ts"
import { version } from "./version.ts"

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
  readonly open: boolean
  reload(): Promise<ConfigChange>
  /** Takes no new calls, lets running ones finish, flushes. */
  drain(): Promise<void>
}

export const providerFacts: readonly ProviderFacts[] = builtinProviders.map(({ id, env, needsKey, defaultBaseUrl }) => ({
  id,
  needsKey,
  ...(env === undefined ? {} : { env }),
  ...(defaultBaseUrl === undefined ? {} : { defaultBaseUrl }),
}))

/** Puts the gateway together and starts it. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const secrets = secretBox()
  const state = dispatchState()
  const lists = modelLists()
  const transports = transportPool()
  const build = (config: Config, number: number): Registry => {
    for (const secret of secretsOf(config)) secrets.add(secret)
    return buildRegistry(config, {
      version: number,
      provider: findProvider,
      transport: transports.of,
      owner: () => undefined,
      limitsOf: () => ({}),
      listed: (provider) => lists.known(provider).models,
    })
  }
  let registry: Registry | undefined
  const source = await openConfig({
    dir: options.dir,
    env: options.env,
    strict: options.strict,
    facts: providerFacts,
    ...(options.file === undefined ? {} : { file: options.file }),
    onChange(change) {
      if (change.kind === "rejected")
        return options.log(
          "error",
          `the edited configuration has ${change.problems.length} problems; the last good one stays in force`,
        )
      registry = build(change.snapshot.config, change.snapshot.version)
      options.log("info", `configuration ${change.snapshot.hash} is in force`)
    },
  })
  const first = source.current()
  registry ??= build(first.config, first.version)
  const current = () => registry as Registry
  const host = options.host ?? first.config.server.host ?? "127.0.0.1"
  const loopback = isLoopbackHost(host)
  const madeToken = loopback || hasAdmin(first.config) ? undefined : newToken()
  const dispatch = dispatcher({ state, interceptors: [] })
  const running = runningCalls()
  const app = httpApp({
    dialects,
    dispatch,
    registry: current,
    limits: () => {
      const { client } = source.current().config
      return { maxBytes: client.maxRequestBodyBytes, heldBytes: client.heldBodyLimitBytes }
    },
    bodies: bodyReader(),
    redact: secrets.redact,
    draining: () => running.draining,
    begin: running.begin,
    end: running.end,
    doors: () => doorRules(source.current().config, loopback, madeToken),
    readModels: (reg) => lists.read(reg.providers.values()),
    mountAdmin: (_app: Elysia) => {},
    health: () => {
      const able = current().providers.size > 0
      const { draining } = running
      const status = draining ? "draining" : able ? "ok" : "unable"
      return {
        status: draining || !able ? 503 : 200,
        body: { status, version, config: source.state(), problems: source.problems().length },
      }
    },
    metrics: async () => ({ text: "", contentType: "text/plain" }),
    page: async () => undefined,
  })
  const port = options.port ?? first.config.server.port ?? 8080
  app.listen({ port, hostname: host })
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${app.server?.port ?? port}`
  return {
    url,
    source,
    get registry() {
      return current()
    },
    ...(madeToken === undefined ? {} : { madeToken }),
    open: !loopback,
    reload: () => source.reload(),
    async drain() {
      running.stop()
      await running.idle(source.current().config.client.drainMs)
      source.stop()
      await app.server?.stop(true)
    },
  }
}

const findProvider = (id: string, baseType: string, custom: boolean): Provider | undefined =>
  custom ? customProvider(id, baseType) : builtinProviders.find((provider) => provider.id === id)

/** Pools of connections by what they depend on, so that an edit elsewhere in the file closes none. */
function transportPool() {
  const pools = new Map<string, { readonly key: string; readonly transport: Transport }>()
  return {
    of(provider: Provider, config: ProviderConfig): Transport {
      const { local } = provider
      if (local)
        return { send: (url, { body, signal }) => local(url, { body: body ?? new Uint8Array(0), signal }), close: () => {} }
      const options = transportOptions(config)
      const key = JSON.stringify(options)
      const known = pools.get(config.id)
      if (known?.key === key) return known.transport
      const transport = httpTransport(options)
      known?.transport.close()
      pools.set(config.id, { key, transport })
      return transport
    },
  }
}

function transportOptions({ id, network, proxy }: ProviderConfig) {
  return {
    provider: id,
    http2: network.http2,
    connectMs: network.timeouts.connectMs,
    insecureSkipVerify: network.tls.insecureSkipVerify,
    caPem: network.tls.caPem,
    allowPrivateNetwork: network.allowPrivateNetwork,
    proxy: proxy.kind === "none" ? undefined : proxy.kind === "environment" ? ("environment" as const) : { url: proxyUrl(proxy) },
  }
}

function proxyUrl(proxy: Extract<ProviderConfig["proxy"], { url: string }>): string {
  const url = new URL(proxy.url)
  if (proxy.username !== undefined) url.username = proxy.username
  if (proxy.password !== undefined) url.password = proxy.password.reveal()
  return url.href
}

function secretsOf(config: Config): readonly string[] {
  const keys = config.providers.flatMap((provider) => provider.keys.flatMap((key) => key.value?.reveal() ?? []))
  const admin = [config.admin.token, config.admin.password].flatMap((secret) => secret?.reveal() ?? [])
  return [...keys, ...admin]
}

const hasAdmin = ({ admin }: Config): boolean => admin.token !== undefined || admin.password !== undefined

const newToken = (): string => `gantry-${Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString("base64url")}`

function doorRules({ admin, client }: Config, loopback: boolean, madeToken: string | undefined): DoorRules {
  const token = admin.token?.reveal() ?? madeToken
  const wanted = token !== undefined || admin.password !== undefined
  return {
    loopback,
    allowedHosts: client.allowedHosts,
    allowedOrigins: client.allowedOrigins.filter((origin) => origin !== "*"),
    ...(wanted ? { admin: { token, username: admin.username, password: admin.password?.reveal() } } : {}),
  }
}

/** Counts the calls under way, so that a drain knows when it is over. */
function runningCalls() {
  let count = 0
  let draining = false
  let wake: (() => void) | undefined
  const done = () => {
    count -= 1
    if (count === 0) wake?.()
  }
  return {
    get draining() {
      return draining
    },
    get count() {
      return count
    },
    begin(_call: Call) {
      count += 1
    },
    end(call: Call | undefined, _status: number, reply: Reply | undefined, _error: GatewayFault | undefined) {
      if (!call) return
      if (reply) void reply.settled.then(done)
      else done()
    },
    stop() {
      draining = true
    },
    async idle(deadlineMs: number) {
      if (count === 0) return
      await Promise.race([new Promise<void>((resolve) => (wake = resolve)), Bun.sleep(deadlineMs)])
    },
  }
}

/** Where the gateway keeps its files when nobody says. */
export function defaultDir(env: Readonly<Record<string, string | undefined>>): string {
  if (process.platform === "win32") return join(env["APPDATA"] ?? homedir(), "gantry")
  return join(env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"), "gantry")
}
