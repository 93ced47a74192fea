import { effortOf } from "../../core/effort.ts"
import type { OutputOptions, ReasoningOptions, Request } from "../../core/request.ts"
import { asBoolean, asObject, asString, type Json, type JsonObject, RawJson, stringifyJson } from "../../lib/json.ts"

/** `reasoning`: a summary that is null is one the caller does not want. */
export function decodeReasoning(json: Json | undefined): ReasoningOptions | undefined {
  const options = asObject(json)
  if (!options) return undefined
  const effort = asString(options.effort)
  const summary = options.summary ?? options.generate_summary
  const show = summary === null ? "none" : summary === undefined ? undefined : "summary"
  if (effort === undefined && show === undefined) return undefined
  return { ...(effort === undefined ? {} : { effort }), ...(show === undefined ? {} : { show }) }
}

type NoteField = (path: string, effect: "adapted" | "dropped") => void

export function encodeReasoning(
  options: ReasoningOptions,
  source: JsonObject | undefined,
  adapt: NoteField,
): JsonObject | undefined {
  const { effort, budget, show } = options
  let wanted = effort
  if (budget !== undefined) {
    adapt("reasoning.budget", effort === undefined ? "adapted" : "dropped")
    wanted ??= effortOf(budget, "high")
  }
  if (options.adaptive) adapt("reasoning.adaptive", "dropped")
  if (show === "full") adapt("reasoning.show", "adapted")
  const { effort: _, summary, generate_summary: _old, ...kept } = source ?? {}
  const built: JsonObject = {
    ...kept,
    ...(wanted === undefined ? {} : { effort: wanted }),
    ...summaryOf(show, summary),
  }
  return Object.keys(built).length > 0 ? built : undefined
}

function summaryOf(show: ReasoningOptions["show"], source: Json | undefined): JsonObject {
  switch (show) {
    case undefined:
      return {}
    case "none":
      return { summary: null }
    case "summary":
      return { summary: typeof source === "string" ? source : "auto" }
    case "full":
      return { summary: "detailed" }
    default:
      return show satisfies never
  }
}

/** `text`: the form of the answer, and how wordy it is. */
export function decodeOutput(json: Json | undefined): OutputOptions | undefined {
  const text = asObject(json)
  if (!text) return undefined
  const format = asObject(text.format)
  const verbosity = asString(text.verbosity)
  const output: OutputOptions = {
    ...(format ? decodeFormat(format) : {}),
    ...(verbosity === undefined ? {} : { verbosity }),
  }
  return Object.keys(output).length > 0 ? output : undefined
}

function decodeFormat(format: JsonObject): OutputOptions {
  if (format.type === "json_object") return { json: true }
  if (format.type !== "json_schema") return {}
  const name = asString(format.name)
  const description = asString(format.description)
  const strict = asBoolean(format.strict)
  return {
    ...(format.schema === undefined || format.schema === null ? {} : { schema: stringifyJson(format.schema) }),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(strict === undefined ? {} : { strict }),
  }
}

export function encodeOutput(output: OutputOptions, source: JsonObject | undefined, adapt: NoteField): JsonObject | undefined {
  if (output.modalities?.some((one) => one !== "text")) adapt("output.modalities", "dropped")
  const { format: _, verbosity: _old, ...kept } = source ?? {}
  const format = encodeFormat(output, adapt)
  const built: JsonObject = {
    ...kept,
    ...(format ? { format } : {}),
    ...(output.verbosity === undefined ? {} : { verbosity: output.verbosity }),
  }
  return Object.keys(built).length > 0 ? built : undefined
}

/** A schema must have a name here. */
function encodeFormat(output: OutputOptions, adapt: NoteField): JsonObject | undefined {
  if (output.schema === undefined) return output.json ? { type: "json_object" } : undefined
  if (output.name === undefined) adapt("output.name", "adapted")
  return {
    type: "json_schema",
    name: output.name ?? "output",
    ...(output.description === undefined ? {} : { description: output.description }),
    ...(output.strict === undefined ? {} : { strict: output.strict }),
    schema: new RawJson(output.schema),
  }
}

/** Whether the model is asked to think. */
export const wantsReasoning = ({ reasoning }: Request): boolean => reasoning !== undefined && reasoning.effort !== "none"
