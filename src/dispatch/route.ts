import type { Call, Target } from "../core/call.ts"
import { fault } from "../core/error.ts"
import type { ProviderEntry, Registry } from "../core/registry.ts"
import type { FallbackRef } from "../core/wire.ts"
import { nearest } from "../lib/nearest.ts"
import { makerOf } from "./keys.ts"
import { type Candidate, knownNames, meantProvider, resolveModel } from "./resolve.ts"
import type { DispatchState } from "./state.ts"

/** Ordered targets for a call, the first from its model name, the others its fallbacks; each with its reason. */
export function routeCall(call: Call, registry: Registry, state: Pick<DispatchState, "makers">): readonly Target[] {
  const name = call.head.model
  if (name === undefined || name === "")
    throw fault("invalid-request", "model is required: a model name such as provider/model", { param: "model" })
  const { directions, head, trail, dialectVendor } = call
  if (head.pins.length > 0 || directions.fallbacks || head.fallbacks) return findTargets(call, name, registry, state)
  const held = heldRoutings(registry, dialectVendor)
  const known = held.get(name)
  if (known) {
    for (const line of known.lines) trail.route.push(line)
    return known.targets
  }
  const targets = findTargets(call, name, registry, state)
  if (name.length <= longestName && resolveModel(name, dialectVendor, registry)?.lasting) {
    if (held.size >= maxHeld) held.clear()
    held.set(name, { targets, lines: [...trail.route] })
  }
  return targets
}

/** What a name means while its configuration is in force, for all calls that say no more than the name. */
interface Routing {
  readonly targets: readonly Target[]
  readonly lines: readonly string[]
}

const maxHeld = 1_000
const routings = new WeakMap<Registry, Map<string | undefined, Map<string, Routing>>>()

function heldRoutings(registry: Registry, dialectVendor: string | undefined): Map<string, Routing> {
  const byVendor = routings.getOrInsertComputed(registry, () => new Map())
  return byVendor.getOrInsertComputed(dialectVendor, () => new Map())
}

function findTargets(call: Call, name: string, registry: Registry, state: Pick<DispatchState, "makers">): readonly Target[] {
  const maker = call.head.pins.length === 0 ? undefined : makerOf(call, state.makers)
  const resolved = resolveModel(name, call.dialectVendor, registry)
  const first = (maker && atHome(resolved, name, registry.providers.get(maker.provider))) ?? resolved
  if (!first) throw unknownModel(name, registry)
  if (first.model === "")
    throw fault("invalid-request", `model names ${first.provider.id} and no model of it: expected provider/model`, {
      param: "model",
    })
  const { maxTargets } = registry.limits
  const targets = [toTarget(first)]
  for (const ref of fallbacksOf(call, first.provider, registry)) {
    const provider = registry.providers.get(ref.provider.toLowerCase())
    if (!provider) {
      leaveOut(call, ref, () => noSuchProvider(ref, registry))
      continue
    }
    const model = ref.model === "" ? first.model : ref.model
    if (targets.some((target) => target.provider === provider.id && target.model === model)) continue
    if (maker && first.provider.id === maker.provider && provider.id !== maker.provider) leaveOut(call, ref, () => leansOn(maker))
    else if (targets.length < maxTargets) targets.push(toTarget({ provider, model, reason: `fallback ${targets.length}` }))
    else leaveOut(call, ref, () => `a call has ${maxTargets} targets at most`)
  }
  // before what was left out
  call.trail.route.unshift(...targets.map(({ provider, model, reason }) => `${provider}/${model}: ${reason}`))
  return targets
}

const leansOn = ({ provider }: { readonly provider: string }): string => `the body leans on what ${provider} keeps`

/** Where the body leans on something, its maker alone can answer; a provider that the caller named is asked all the same. */
function atHome(resolved: Candidate | undefined, name: string, home: ProviderEntry | undefined): Candidate | undefined {
  if (!home || !resolved || resolved.named || resolved.provider === home) return undefined
  return { provider: home, model: name, reason: leansOn({ provider: home.id }) }
}

function fallbacksOf(call: Call, provider: ProviderEntry, registry: Registry): readonly FallbackRef[] {
  return call.directions.fallbacks ?? call.head.fallbacks ?? provider.fallbacks ?? registry.fallbacks
}

const mostLeftOut = 16
const longestName = 100

/** A caller is told of its own fallbacks; those of the file were checked when it was read. */
function leaveOut(call: Call, { provider, model }: FallbackRef, why: () => string): void {
  const { trail, directions, head } = call
  if ((trail.leftOut?.length ?? 0) >= mostLeftOut) return
  const name = (model === "" ? provider : `${provider}/${model}`).slice(0, longestName)
  const line = `fallback ${name} left out: ${why()}`
  trail.route.push(line)
  if (!directions.fallbacks && !head.fallbacks) return
  trail.leftOut ??= []
  trail.leftOut.push(line)
  trail.note({ code: "fallback-left-out", path: name.replaceAll(",", "?"), effect: "dropped", side: "request" })
}

function noSuchProvider({ provider, model }: FallbackRef, { providers }: Registry): string {
  const [meant] = nearest(provider, providers.keys(), { max: 1 })
  if (meant !== undefined) return `no such provider, did you mean ${meant}?`
  return model === "" ? "no such provider; a model is named as provider/model" : "no such provider"
}

const toTarget = ({ provider, model, reason }: Candidate): Target => ({
  provider: provider.id,
  model,
  reason,
  connection: provider.connection,
  routes: provider.routes,
})

/** What to do about a name that means nobody. */
function remedy(name: string, registry: Registry): string {
  const slash = name.indexOf("/")
  if (slash <= 0) return remedyForBare(name, registry)
  const provider = name.slice(0, Math.min(slash, 60))
  const variable = registry.keyVariable(provider.toLowerCase())
  const mend = variable === undefined ? "add it" : `set ${variable} for the start of the gateway, or add it`
  return `If ${JSON.stringify(provider)} is meant as a provider, it is not configured here: ${mend} under providers in the configuration.`
}

function remedyForBare(name: string, registry: Registry): string {
  const owner = registry.owner(name)
  const variable = owner === undefined ? undefined : registry.keyVariable(owner)
  if (variable === undefined) return "Name one as provider/model."
  return `It is a model of ${owner}, which is not configured here: set ${variable} for the start of the gateway, or add it under providers in the configuration.`
}

function unknownModel(name: string, registry: Registry) {
  const meant = meantProvider(name, registry)
  const near = nearest(name, knownNames(registry))
  if (meant !== undefined) near.unshift(meant + name.slice(name.indexOf("/")))
  const providers = [...registry.providers.keys()].join(", ")
  const hint = near.length > 0 ? ` Did you mean ${[...new Set(near)].join(" or ")}?` : ""
  return fault(
    "model-not-found",
    `No provider is known for model "${name}".${hint} Configured providers: ${providers}. ${remedy(name, registry)}`,
    {
      param: "model",
      blame: "request",
    },
  )
}
