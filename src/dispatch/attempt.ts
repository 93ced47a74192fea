import type { Call, Reply, Target } from "../core/call.ts"
import { fault, GatewayFault } from "../core/error.ts"
import { addressAt, type Connection, type Route } from "../core/provider.ts"
import type { KeyEntry, ProviderEntry, Registry } from "../core/registry.ts"
import { ProtocolError } from "../lib/http1/response-head.ts"
import { upstreamHeaders } from "./headers.ts"
import { planTry } from "./plan.ts"
import { acquireSlot, slotNow } from "./slot.ts"
import type { DispatchState } from "./state.ts"
import { streamReply } from "./stream.ts"
import { Try } from "./try.ts"
import { isShort, longReply, shortBody, wholeReply } from "./unary.ts"
import { refusal } from "./upstream-error.ts"

export interface AttemptOptions {
  readonly withoutSeals: boolean
  readonly withoutThinking: boolean
  /** No target comes after this one. */
  readonly last: boolean
  readonly registry: Registry
  readonly state: DispatchState
}

/** One try against one target with one key: plan, slot, send, classify, reply. Throws a GatewayFault whatever goes wrong before commit. */
export async function attempt(
  call: Call,
  target: Target,
  provider: ProviderEntry,
  key: KeyEntry,
  options: AttemptOptions,
): Promise<Reply> {
  const { registry, state } = options
  const plan = planTry(call, target, key, options)
  const slot =
    slotNow(provider, state) ?? (await acquireSlot(call, provider, { state, limits: registry.limits, last: options.last }))
  const trying = new Try({ call, target, provider, key, plan, slot, registry, state })
  try {
    const headers = upstreamHeaders(call, provider, plan.route, key, {
      translated: plan.lane === "translate",
      filter: registry.headerFilter,
    })
    trying.captureRequest()
    trying.watch.waiting = performance.now()
    const response = await trying.send(addressOf(trying), { method: "POST", headers, body: plan.body })
    trying.waited()
    trying.status = response.status
    if (response.status < 200 || response.status > 299) throw await refusal(trying, response)
    if (plan.stream) return await streamReply(trying, response)
    if (!isShort(trying, response)) return await longReply(trying, response)
    return wholeReply(trying, response, response.whole ?? (await shortBody(trying, response)))
  } catch (error) {
    const failed = error instanceof GatewayFault ? error : networkFault(trying, error)
    trying.fail(failed.error)
    throw failed
  }
}

/** The caller's query travels along on a relay. */
function addressOf({ call, plan, provider, key }: Try): string {
  const connection = key.connection ?? provider.connection
  const ofConnection = addresses.getOrInsertComputed(connection, () => new Map())
  const address = ofConnection.getOrInsertComputed(plan.route, () => addressAt(connection, plan.route.path))
  if (call.query === "" || plan.route.wire.id !== call.wire.id) return address
  return address.includes("?") ? `${address}&${call.query.slice(1)}` : address + call.query
}

/** Kept, because what is looked up by a text that was put together anew costs ten times as much. */
const addresses = new WeakMap<Connection, Map<Route, string>>()

/** A failure of the connection itself, told without its address's secrets. */
function networkFault(trying: Try, error: unknown): GatewayFault {
  if (trying.call.signal.aborted) return fault("cancelled", "the client closed the request")
  if (error instanceof ProtocolError)
    return fault("bad-answer", `the answer of ${trying.provider.id} cannot be read: ${error.message}`)
  const code = codeOf(error)
  if (code === undefined) {
    const detail = error instanceof Error ? error.message : String(error)
    return fault("internal", `the gateway failed on this call: ${detail.slice(0, 300)}`)
  }
  return fault("network", `could not get an answer from ${trying.provider.id}: ${code}`)
}

/** The system's or Bun's error code of a failed fetch; errors of our own code have none. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined
  if ("code" in error && typeof error.code === "string" && error.code !== "") return error.code
  if (error instanceof DOMException) return error.name
  return error instanceof TypeError && /fetch|connect|socket|body/i.test(error.message) ? "fetch failed" : undefined
}
