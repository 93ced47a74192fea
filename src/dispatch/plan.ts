import type { Call, Target } from "../core/call.ts"
import { fault } from "../core/error.ts"
import { bimap, type Exchange } from "../core/exchange.ts"
import { fallbacksKey } from "../core/head.ts"
import { type Notice, type NoticeBook, notices } from "../core/notice.ts"
import type { Route } from "../core/provider.ts"
import type { KeyEntry, Registry } from "../core/registry.ts"
import type { Request } from "../core/request.ts"
import type { Head, HeadPatch } from "../core/wire.ts"
import type { EditedBytes } from "../lib/edited-bytes.ts"
import { asObject, stringifyJson } from "../lib/json.ts"
import { extraParams, noParams, noteBut } from "./extra-params.ts"
import { withoutSeals, withoutThinking } from "./left-out.ts"

export interface PlanOptions {
  readonly withoutSeals: boolean
  /** The model has refused it; a relay says all the same what its caller says. */
  readonly withoutThinking: boolean
  readonly registry: Registry
}

/** One try as it will be sent. */
export interface Plan {
  readonly route: Route
  readonly model: string
  readonly lane: "relay" | "translate"
  /** Whether the answer's bytes may go through as they come. */
  readonly relayAnswer: boolean
  readonly body: Uint8Array | EditedBytes
  readonly stream: boolean
  /** Frames that exist only because we asked for usage are taken out. */
  readonly hideUsage: boolean
  readonly translation: Translation
}

/** What both directions of a translation share. A relay makes it only when somebody has to translate after all. */
export interface Translation {
  exchange(): Exchange
  notices(): readonly Notice[]
}

/** Chooses the route and the lane, and makes the body from the call as the call ring left it, never from one made for another provider. */
export function planTry(call: Call, target: Target, key: KeyEntry, options: PlanOptions): Plan {
  const model = key.aliasOf(target.model) ?? target.model
  const { stream } = call.head
  const same = routeOf(target, call.wire.id, stream)
  const route = same ?? target.routes.find((one) => takes(one, stream))
  if (!route) throw fault("unsupported", `${target.provider} cannot answer this kind of request`, { blame: "request" })
  const issuer = route.issuer?.(model) ?? route.wire.home
  const wraps = route.wire.home !== undefined && issuer !== route.wire.home
  const translation = new LazyTranslation(call, route, model, options)
  if (same && !call.edited && !call.head.enveloped && !options.withoutSeals && !wraps)
    return relayPlan(call, same, model, translation)
  const made = translation.exchange()
  const body = encodeBody(call, route, made, options)
  const plain = made.names.size === 0 && made.ids.size === 0 && made.emulated.size === 0
  return {
    route,
    model,
    lane: "translate",
    relayAnswer: same !== undefined && !wraps && plain,
    body,
    stream: made.request.stream !== undefined,
    hideUsage: same !== undefined && !call.head.usageAsked,
    translation,
  }
}

function routeOf({ routes }: Target, wire: string, stream: boolean): Route | undefined {
  for (const route of routes) if (route.wire.id === wire && takes(route, stream)) return route
  return undefined
}

const takes = ({ only }: Route, stream: boolean): boolean => only === undefined || (only === "stream") === stream

function relayPlan(call: Call, route: Route, model: string, translation: Translation): Plan {
  const { head } = call
  const askUsage = head.stream && !head.usageAsked
  const untouched = model === head.model && !head.fallbacks && !askUsage && !route.fixed
  const body = untouched ? call.body : route.wire.head.edit(call.body, head, relayPatch(head, route, model, askUsage))
  return { route, model, lane: "relay", relayAnswer: true, body, stream: head.stream, hideUsage: askUsage, translation }
}

/** The named edits of a relay, and what the route fixes. */
function relayPatch(head: Head, route: Route, model: string, askUsage: boolean): HeadPatch {
  const patch: { -readonly [K in keyof HeadPatch]: HeadPatch[K] } = {}
  if (model !== head.model) patch.model = model
  if (head.fallbacks) patch.dropFallbacks = true
  if (askUsage) patch.askUsage = true
  if (route.fixed) patch.fixed = route.fixed
  return patch
}

/** Makes the exchange of a try when it is first asked for. */
class LazyTranslation implements Translation {
  private made: Exchange | undefined
  private book: NoticeBook | undefined

  constructor(
    private readonly call: Call,
    private readonly route: Route,
    private readonly model: string,
    private readonly options: PlanOptions,
  ) {}

  notices(): readonly Notice[] {
    return this.book?.list() ?? noNotices
  }

  exchange(): Exchange {
    this.made ??= this.make()
    return this.made
  }

  private make(): Exchange {
    const { call, route, model } = this
    const { registry } = this.options
    const maxOutput = route.maxOutput?.(model) ?? registry.limitsOf(model).maxOutput
    const issuer = route.issuer?.(model) ?? route.wire.home ?? `${route.wire.id}:${model}`
    this.book = notices()
    return {
      request: call.request(),
      client: call.wire.id,
      ...(call.wire.home === undefined ? {} : { clientHome: call.wire.home }),
      target: {
        wire: route.wire.id,
        model,
        issuer: this.options.withoutSeals ? "" : issuer,
        limits: maxOutput === undefined ? {} : { maxOutput },
        features: route.features ? new Set(route.features(model)) : noFeatures,
      },
      names: bimap(),
      ids: bimap(),
      emulated: new Set(),
      note: this.book.note,
      seed: call.id,
      now: call.at,
    }
  }
}

const noNotices: readonly Notice[] = []
const noFeatures: ReadonlySet<string> = new Set()

const encoder = new TextEncoder()

function encodeBody(call: Call, route: Route, exchange: Exchange, options: PlanOptions): Uint8Array {
  const request = asked(call, exchange, options)
  const extra = route.wire.id === call.wire.id ? noParams : extraParams(call)
  const known = call.head.fallbacks ? { ...extra, [fallbacksKey]: null } : extra
  const noted = known === noParams ? exchange : { ...exchange, note: noteBut(known, exchange.note) }
  const encoded = route.wire.request.encode(request, noted)
  let body = extra === noParams ? encoded : { ...extra, ...asObject(encoded) }
  for (const quirk of route.quirks ?? []) {
    const object = asObject(body)
    if (object) body = quirk(object, exchange)
  }
  const bytes = encoder.encode(stringifyJson(body))
  const patch: HeadPatch = {
    ...(route.fixed ? { fixed: route.fixed } : {}),
    ...(call.head.fallbacks ? { dropFallbacks: true } : {}),
  }
  return patch.fixed || patch.dropFallbacks ? route.wire.head.write(bytes, route.wire.head.read(bytes), patch) : bytes
}

/** What the call asks, but for what the target has refused. */
function asked(call: Call, { target, note }: Exchange, options: PlanOptions): Request {
  const request = options.withoutSeals ? withoutSeals(call.request()) : call.request()
  return options.withoutThinking ? withoutThinking(request, target.issuer, note) : request
}
