import { budgetOf, effortOf } from "../../core/effort.ts"
import { nothing } from "../../core/node.ts"
import type { ReasoningOptions, Request } from "../../core/request.ts"
import { asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { mustCall } from "./tool-choice.ts"
import type { EncodeContext } from "./types.ts"

/** What `output_config.effort` may say. https://platform.claude.com/docs/en/build-with-claude/effort */
const efforts: ReadonlySet<string> = new Set(["low", "medium", "high", "xhigh", "max"])

/** Efforts of other vendors that this one has no word for. */
const nearest: Readonly<Record<string, string>> = { minimal: "low" }

/** The vendor takes no smaller budget. */
const leastBudget = 1_024

/** Of an answer's limit, where the caller's wish would take all of it. */
const thinkingShare = 0.8

const shown: Readonly<Record<string, "summary" | "none">> = { summarized: "summary", omitted: "none" }

export function decodeReasoning(body: JsonObject): ReasoningOptions | undefined {
  const thinking = asObject(body.thinking)
  const effort = asString(asObject(body.output_config)?.effort)
  if (!thinking && effort === undefined) return undefined
  const show = shown[asString(thinking?.display) ?? ""]
  const more = show === undefined ? {} : { show }
  const level = effort === undefined ? {} : { effort }
  switch (thinking?.type) {
    case "enabled": {
      const budget = asNumber(thinking.budget_tokens)
      return { ...level, ...(budget === undefined ? {} : { budget }), ...more }
    }
    case "adaptive":
      return { ...level, adaptive: true, ...more }
    case "disabled":
      return { effort: "none" }
    default:
      return effort === undefined ? undefined : level
  }
}

/** Dotted keys of `thinking` and of its effort that the hub does not model in this body. */
export function reasoningRest(body: JsonObject): readonly string[] {
  const thinking = asObject(body.thinking)
  if (!thinking) return nothing
  const type = asString(thinking.type)
  if (type === "disabled") return asString(asObject(body.output_config)?.effort) === undefined ? [] : ["output_config.effort"]
  if (type !== "enabled" && type !== "adaptive") return ["thinking"]
  const display = asString(thinking.display)
  return display === undefined || display in shown ? [] : ["thinking.display"]
}

export interface Thinking {
  readonly thinking?: Json
  readonly effort?: string
}

/** The vendor's two ways to ask for thinking. `limit`: the answer's own, which a budget must stay below. */
export function encodeReasoning(request: Request, limit: number, context: EncodeContext): Thinking {
  const { reasoning } = request
  if (!reasoning) return {}
  if (reasoning.effort === "none") return { thinking: { type: "disabled" } }
  const { features } = context.exchange.target
  // the vendor does not think before a call that it is forced to make
  if (context.exchange.client !== context.wire && mustCall(request, context)) return withoutThinking(reasoning, features, context)
  const display = displayOf(reasoning, context)
  const budget = wantedBudget(reasoning, features)
  if (budget !== undefined) return withBudget(reasoning, budget, limit, display, context)
  const effort = wantedEffort(reasoning, context)
  const level = effort === undefined ? {} : { effort }
  if (reasoning.adaptive) return { thinking: { type: "adaptive", ...display }, ...level }
  const isCertain = context.exchange.client === context.wire && reasoning.budget === undefined
  if (isCertain || (effort === undefined && reasoning.show === undefined)) return level
  adapted("reasoning.adaptive", context)
  return { thinking: { type: "adaptive", ...display }, ...level }
}

function withoutThinking(reasoning: ReasoningOptions, features: ReadonlySet<string>, context: EncodeContext): Thinking {
  const takesEffort = !features.has("thinking-budget")
  const lost = takesEffort ? (["budget", "adaptive", "show"] as const) : (["effort", "budget", "adaptive", "show"] as const)
  for (const field of lost)
    if (reasoning[field] !== undefined)
      context.note({ code: "field-unsupported", path: `reasoning.${field}`, effect: "dropped", side: "request" })
  const effort = takesEffort && reasoning.effort !== undefined ? wantedEffort(reasoning, context) : undefined
  return effort === undefined ? {} : { effort }
}

/** Undefined where thinking is not asked for by a budget. */
export function wantedBudget({ budget, effort, adaptive }: ReasoningOptions, features: ReadonlySet<string>): number | undefined {
  if (budget !== undefined) return features.has("thinking-adaptive") ? undefined : budget
  if (!features.has("thinking-budget") || (effort === undefined && !adaptive)) return undefined
  return budgetOf(nearest[effort ?? "high"] ?? effort ?? "high")
}

function withBudget(
  reasoning: ReasoningOptions,
  wanted: number,
  limit: number,
  display: JsonObject,
  context: EncodeContext,
): Thinking {
  if (wanted <= 0) return { thinking: { type: "disabled" } }
  const isOwn = context.exchange.client === context.wire && reasoning.budget !== undefined
  const budget = Math.min(isOwn ? wanted : Math.max(wanted, leastBudget), mostBudget(limit, isOwn))
  if (reasoning.budget !== budget) adapted("reasoning.budget", context)
  if (budget < (isOwn ? 1 : leastBudget)) return {}
  const isSaid = reasoning.budget !== undefined
  const effort = isSaid ? wantedEffort(reasoning, context) : undefined
  if (!isSaid) adapted("reasoning", context)
  return { thinking: { type: "enabled", budget_tokens: budget, ...display }, ...(effort === undefined ? {} : { effort }) }
}

/** The vendor wants a budget below the limit; one who did not write the budget is left room for an answer. */
function mostBudget(limit: number, isOwn: boolean): number {
  return isOwn ? limit - 1 : Math.min(limit - 1, Math.max(leastBudget, Math.floor(limit * thinkingShare)))
}

function wantedEffort({ effort, budget }: ReasoningOptions, context: EncodeContext): string | undefined {
  if (effort === undefined) {
    if (budget === undefined || !context.exchange.target.features.has("thinking-adaptive")) return undefined
    adapted("reasoning", context)
    return effortOf(budget, "max")
  }
  if (efforts.has(effort) || context.exchange.client === context.wire) return effort
  adapted("reasoning.effort", context)
  return nearest[effort] ?? "high"
}

function displayOf({ show }: ReasoningOptions, context: EncodeContext): JsonObject {
  switch (show) {
    case undefined:
      return {}
    case "none":
      return { display: "omitted" }
    case "summary":
      return { display: "summarized" }
    case "full":
      adapted("reasoning.show", context)
      return { display: "summarized" }
    default:
      return show satisfies never
  }
}

const adapted = (path: string, context: EncodeContext): void =>
  context.note({ code: "field-adapted", path, effect: "adapted", side: "request" })
