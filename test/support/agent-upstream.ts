import { anthropicMessages } from "./answers/anthropic-messages.ts"
import { openaiChat } from "./answers/openai-chat.ts"
import { openaiResponses } from "./answers/openai-responses.ts"
import { isRecord, type OfferedTool, records, reply, type Turn, type Voice } from "./answers/turn.ts"
import type { Answer } from "./upstream/exchange.ts"
import { json } from "./upstream/well-formed.ts"
import { fakeUpstream, type Recorded, type Upstream, type UpstreamOptions } from "./upstream.ts"

export interface AgentScript {
  /** The command that the agent is told to run. */
  readonly command: string
  /** Says the last word; `output` is what the tool returned. */
  readonly final: (output: string) => string
  /** Added to the turn that calls the tool. */
  readonly reasoning?: Turn["reasoning"]
}

const helloGantry: AgentScript = {
  command: "echo hello-gantry",
  final: (output) => `The tool said: ${output.trim()}`,
}

/**
 * A provider for coding agents in three formats. A request that offers a shell tool and has no result yet is answered by a call of that tool;
 * one that brings a result, by a text that quotes it. Side calls (titles, one-token probes, token counts, model lists) get short answers.
 */
export function agentUpstream(
  script: Partial<AgentScript> = {},
  options: Omit<UpstreamOptions, "script"> = {},
): Promise<Upstream> {
  const whole = { ...helloGantry, ...script }
  return fakeUpstream({ ...options, script: { on: (request) => answerAgent(request, whole) } })
}

function answerAgent(request: Recorded, script: AgentScript): Answer {
  const path = request.path.split("?")[0] ?? ""
  if (path.endsWith("/count_tokens")) return json(200, { input_tokens: Math.ceil(request.body.length / 4) })
  if (path.endsWith("/models"))
    return json(200, { object: "list", data: [{ id: "m", object: "model", created: 0, owned_by: "test" }] })
  const voice = voiceOf(path)
  if (!voice || request.method !== "POST") return json(request.method === "HEAD" ? 200 : 404, {})
  const body = request.json()
  return reply(voice, body, nextTurn(voice, body, script))
}

function voiceOf(path: string): Voice | undefined {
  if (path.endsWith("/chat/completions")) return openaiChat
  if (path.endsWith("/responses")) return openaiResponses
  if (path.endsWith("/messages")) return anthropicMessages
  return undefined
}

function nextTurn(voice: Voice, body: Record<string, unknown>, script: AgentScript): Turn {
  const asked = voice.read(body)
  const named = { model: asked.model }
  if (asked.results.length > 0) return { ...named, text: script.final(asked.results.join("\n")) }
  const tool = shellTool(asked.tools)
  if (!tool) return { ...named, text: "Greeting" }
  const call = {
    name: tool.name,
    ...(tool.namespace !== undefined && { namespace: tool.namespace }),
    input: JSON.stringify(shellInput(tool, script.command)),
  }
  return { ...named, ...(script.reasoning && { reasoning: script.reasoning }), text: "I will run it.", calls: [call] }
}

const shellNames = ["bash", "exec_command", "shell_command", "shell", "run_shell_command", "run_command", "terminal"]

function shellTool(tools: readonly OfferedTool[]): OfferedTool | undefined {
  for (const name of shellNames) {
    const found = tools.find((tool) => tool.name.toLowerCase() === name)
    if (found) return found
  }
  return undefined
}

/** Arguments that satisfy the tool's schema: the command where it belongs, a placeholder in every other required field. */
function shellInput(tool: OfferedTool, command: string): Record<string, unknown> {
  const properties = isRecord(tool.schema.properties) ? tool.schema.properties : {}
  const required = Array.isArray(tool.schema.required) ? tool.schema.required.map(String) : []
  const commandName = ["command", "cmd", "script"].find((name) => name in properties) ?? "command"
  const input: Record<string, unknown> = {}
  for (const name of required) input[name] = placeholder(properties[name])
  input[commandName] = typeOf(properties[commandName]) === "array" ? command.split(" ") : command
  return input
}

const typeOf = (schema: unknown): unknown => (isRecord(schema) ? (schema.type ?? typeOf(records(schema.anyOf)[0])) : undefined)

function placeholder(schema: unknown): unknown {
  if (isRecord(schema) && Array.isArray(schema.enum)) return schema.enum[0]
  switch (typeOf(schema)) {
    case "boolean":
      return false
    case "number":
    case "integer":
      return 1
    case "array":
      return []
    case "object":
      return {}
    default:
      return "Say hello"
  }
}
