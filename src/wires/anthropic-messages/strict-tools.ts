import type { FunctionTool, Tool } from "../../core/message.ts"
import type { Request } from "../../core/request.ts"
import { asObject, parseJson, stringifyJson } from "../../lib/json.ts"
import { type SchemaWeight, saysTooMuch, summed, takenSchema, weightOf } from "./output-schema.ts"
import type { EncodeContext } from "./types.ts"

/** https://platform.claude.com/docs/en/build-with-claude/structured-outputs#schema-complexity-limits */
const most = { tools: 20, optional: 24, unions: 16 } as const

/**
 * Tools of another format's caller, of which no more are strict than the vendor takes in one request, and none whose schema it would refuse then. A
 * tool that is not strict any more is as it was otherwise: its schema is still what the model goes by.
 */
export function withinStrictness({ output }: Request, context: EncodeContext): (tool: Tool) => Tool {
  if (context.exchange.client === context.wire) return (tool) => tool
  let held: SchemaWeight = output?.schema === undefined ? summed([]) : weightOf(parseJson(output.schema))
  let count = 0
  return (tool) => {
    if (tool.type !== "function" || tool.strict !== true) return tool
    const schema = parseJson(tool.schema ?? "{}")
    const sum = summed([held, weightOf(schema)])
    const isTaken = asObject(schema)?.type !== undefined && !saysTooMuch(schema)
    if (!isTaken || sum.optional > most.optional || sum.unions > most.unions || count >= most.tools) return loose(tool, context)
    held = sum
    count += 1
    const taken = takenSchema(schema)
    return taken === schema ? tool : closed(tool, stringifyJson(taken), context)
  }
}

function loose({ strict: _, ...tool }: FunctionTool, { note, path }: EncodeContext): FunctionTool {
  note({ code: "field-unsupported", path: `${path}.strict`, effect: "dropped", side: "request" })
  return tool
}

function closed(tool: FunctionTool, schema: string, { note, path }: EncodeContext): FunctionTool {
  note({ code: "tool-adapted", path: `${path}.schema`, effect: "adapted", side: "request" })
  return { ...tool, schema }
}
