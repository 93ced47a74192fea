import { allowedPart, chosenTool } from "../../core/chosen-tool.ts"
import { isIdle, type Tool, type ToolChoice } from "../../core/message.ts"
import { asBoolean, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { buildUse } from "./hosted-tools.ts"
import { nameOnWire } from "./names.ts"
import { type EncodeContext, inside, wireId } from "./types.ts"

export interface Choice {
  readonly toolChoice?: ToolChoice
  readonly tools?: readonly Tool[]
  readonly parallelTools?: boolean
}

export function decodeToolChoice(json: Json | undefined): Choice {
  const object = asObject(json)
  if (!object) return {}
  const serial = asBoolean(object.disable_parallel_tool_use)
  const parallel = serial === undefined ? {} : { parallelTools: !serial }
  const name = asString(object.name)
  switch (object.type) {
    case "auto":
    case "none":
      return { toolChoice: { type: object.type }, ...parallel }
    case "any":
      return { toolChoice: { type: "required" }, ...parallel }
    case "tool":
      if (name !== undefined) return { toolChoice: { type: "tool", name }, ...parallel }
      break
  }
  return { toolChoice: { type: "foreign", wire: wireId, value: object }, ...parallel }
}

/** A tool of the vendor's that is declared in place of another's is chosen by its name; servers cannot be. */
function hostedChoice({ toolChoice, tools }: Choice, context: EncodeContext): JsonObject | undefined {
  const chosen = chosenTool(toolChoice, tools)
  const built = chosen && chosen.hosted.wire !== wireId ? buildUse(chosen.hosted, { ...context, note: unheard }) : undefined
  const name = asString(built?.name)
  return name === undefined ? undefined : { type: "tool", name }
}

const unheard = (): void => {}

/** True for a choice after which the vendor calls a tool at once, and so does not think before. */
export function mustCall(choice: Choice, context: EncodeContext): boolean {
  const { toolChoice, tools = [] } = choice
  if (tools.length === 0) return false
  switch (toolChoice?.type) {
    case "required":
    case "tool":
      return true
    case "allowed":
      return toolChoice.mode === "required"
    case "foreign":
      return toolChoice.wire !== wireId && hostedChoice(choice, context) !== undefined
    default:
      return false
  }
}

/** The choice of tools; `hasTools` false where the vendor would refuse any. */
export function encodeToolChoice(choice: Choice, hasTools: boolean, context: EncodeContext): Json | undefined {
  const { toolChoice, parallelTools } = choice
  if (!hasTools) {
    if (toolChoice) noteChoice(isIdle(toolChoice) ? "adapted" : "dropped", context)
    if (parallelTools === false) noteParallel(context)
    return undefined
  }
  const chosen = toolChoice ? choiceMembers(toolChoice, choice, context) : undefined
  if (parallelTools === undefined) return chosen
  if (chosen === undefined) {
    if (parallelTools) return undefined // the vendor's default
    noteChoice("adapted", context)
    return { type: "auto", disable_parallel_tool_use: true }
  }
  if (chosen.type !== "none" || toolChoice?.type === "foreign") return { ...chosen, disable_parallel_tool_use: !parallelTools }
  if (!parallelTools) noteParallel(context)
  return chosen
}

function choiceMembers(choice: ToolChoice, whole: Choice, context: EncodeContext): JsonObject | undefined {
  switch (choice.type) {
    case "auto":
    case "none":
      return { type: choice.type }
    case "required":
      return { type: "any" }
    case "tool":
      return { type: "tool", name: nameOnWire(choice, inside(context, "toolChoice.name")) }
    case "allowed":
      noteChoice("adapted", context)
      return { type: choice.mode === "required" ? "any" : "auto" }
    case "foreign": {
      if (choice.wire === wireId) return asObject(choice.value)
      const named = hostedChoice(whole, context)
      noteChoice(named ? "adapted" : "dropped", context)
      return named
    }
    default:
      return choice satisfies never
  }
}

const noteChoice = (effect: "adapted" | "dropped", context: EncodeContext): void =>
  context.note({ code: "tool-choice-unsupported", path: "toolChoice", effect, side: "request" })

const noteParallel = (context: EncodeContext): void =>
  context.note({ code: "field-unsupported", path: "parallelTools", effect: "dropped", side: "request" })

/** The tools a choice leaves: the vendor cannot be told to use only some of those declared. */
export function allowedTools(tools: readonly Tool[], choice: ToolChoice | undefined, context: EncodeContext): readonly Tool[] {
  if (choice?.type !== "allowed") return tools
  const names = new Set(choice.names)
  const left = tools.flatMap((tool): readonly Tool[] => {
    if (tool.type !== "hosted") return names.has(tool.name) ? [tool] : []
    const part = allowedPart(tool, choice.hosted ?? [])
    return part ? [part] : []
  })
  if (left.length < tools.length) context.note({ code: "tool-unsupported", path: "tools[*]", effect: "dropped", side: "request" })
  return left
}
