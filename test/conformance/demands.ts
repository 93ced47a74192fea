import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from "../../src/lib/json.ts"

/** What a vendor would refuse of a body that it documents otherwise, in a line each; nothing for a body that it takes. */
export function demandsUnmet(wire: string, body: Json): readonly string[] {
  const object = asObject(body) ?? {}
  switch (wire) {
    case "openai-chat":
      return [...unmetByTools(object), ...unmetByMessages(objects(object.messages))]
    case "openai-responses":
      return [...unmetByTools(object), ...unmetByItems(objects(object.input))]
    case "anthropic-messages":
      return [...unmetByOptions(object), ...unmetByTurns(objects(object.messages)), ...unmetByThinking(object)]
    default:
      return []
  }
}

const objects = (json: Json | undefined): readonly JsonObject[] =>
  (asArray(json) ?? []).map((one) => asObject(one)).filter((one) => one !== undefined)
const unless = (holds: boolean, fault: string): readonly string[] => (holds ? [] : [fault])
const texts = (list: readonly JsonObject[], key: string): readonly string[] => list.flatMap((one) => asString(one[key]) ?? [])
const sameMembers = (left: readonly string[], right: readonly string[]): boolean =>
  JSON.stringify([...left].sort()) === JSON.stringify([...right].sort())

/** https://platform.openai.com/docs/api-reference/chat/create: a choice only with tools, and no empty list of them. */
function unmetByTools(body: JsonObject): readonly string[] {
  const tools = asArray(body.tools) ?? asArray(body.functions)
  return [
    ...unless(tools === undefined || tools.length > 0, "an empty list of tools"),
    ...unless(tools !== undefined || body.tool_choice === undefined, "a tool_choice without tools"),
    ...unless(tools !== undefined || body.parallel_tool_calls === undefined, "parallel_tool_calls without tools"),
  ]
}

/** https://platform.openai.com/docs/guides/function-calling: all calls of a turn in one message, their results right after it. */
function unmetByMessages(messages: readonly JsonObject[]): readonly string[] {
  const found: string[] = []
  for (let index = 0; index < messages.length; ) {
    const message = messages[index++] ?? {}
    found.push(...unmetByContent(message))
    const called = texts(objects(message.tool_calls), "id")
    found.push(...unless(new Set(called).size === called.length, "a call id twice in a message"))
    const results = messages.slice(index, index + called.length)
    const answered = results.flatMap((result) => (result.role === "tool" ? (asString(result.tool_call_id) ?? []) : []))
    if (called.length > 0)
      found.push(...unless(sameMembers(called, answered), "calls that are not answered by the next messages"))
    const isAnswered = message.function_call === undefined || messages[index]?.role === "function"
    found.push(...unless(isAnswered, "a call of the older form that is not answered"))
    if (message.role === "tool") found.push("a result that follows no call")
    index += answered.length
  }
  return found
}

function unmetByContent({ role, content, tool_calls, function_call, refusal, audio }: JsonObject): readonly string[] {
  const isElsewhere = [tool_calls, function_call, refusal, audio].some((one) => one !== undefined && one !== null)
  const isMissing = content === undefined || content === null
  return [
    ...unless(!isMissing || (role === "assistant" && isElsewhere), `a message of the ${role} without content`),
    ...unless(asArray(content)?.length !== 0, `an empty list of content of the ${role}`),
  ]
}

const isCall = ({ type }: JsonObject): boolean => type === "function_call" || type === "custom_tool_call"
const isOutput = ({ type }: JsonObject): boolean => type === "function_call_output" || type === "custom_tool_call_output"

/** https://platform.openai.com/docs/api-reference/responses/create: each output answers a call before it of its own kind. */
function unmetByItems(items: readonly JsonObject[]): readonly string[] {
  const called = texts(items.filter(isCall), "call_id")
  const answered = texts(items.filter(isOutput), "call_id")
  const kinds = items.flatMap((item, index) => {
    const call = isOutput(item) ? items.slice(0, index).find((one) => isCall(one) && one.call_id === item.call_id) : undefined
    return !isOutput(item) || item.type === `${call?.type}_output` ? [] : ["an output of another kind than its call"]
  })
  return [...unless(sameMembers(called, answered), "calls without outputs, or outputs without calls"), ...kinds]
}

/** https://platform.claude.com/docs/en/api/messages */
function unmetByOptions(body: JsonObject): readonly string[] {
  const limit = asNumber(body.max_tokens)
  const budget = asNumber(asObject(body.thinking)?.budget_tokens)
  return [
    ...unless(limit !== undefined && limit > 0, "no max_tokens"),
    ...unless(budget === undefined || (budget >= 1024 && budget < (limit ?? 0)), "a budget of thinking out of its bounds"),
    ...unless((asNumber(body.temperature) ?? 0) <= 1, "a temperature above 1"),
    ...unless((JSON.stringify(body).match(/"cache_control":/g)?.length ?? 0) <= 4, "more than four cache marks"),
  ]
}

/** https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use: results stand first in the turn after their calls. */
function unmetByTurns(messages: readonly JsonObject[]): readonly string[] {
  const all = texts(
    messages.flatMap(({ content }) => objects(content)).filter(({ type }) => type === "tool_use"),
    "id",
  )
  const twice = unless(new Set(all).size === all.length, "a call id twice in a conversation")
  const inTurns = messages.flatMap((message, index) => {
    const { role, content } = message
    const blocks = objects(content)
    const called =
      role === "assistant"
        ? texts(
            blocks.filter(({ type }) => type === "tool_use"),
            "id",
          )
        : []
    const next = objects(messages[index + 1]?.content)
    const answered = texts(leadingResults(next), "tool_use_id")
    const before = objects(messages[index - 1]?.content).filter(({ type }) => type === "tool_use")
    const results = texts(
      blocks.filter(({ type }) => type === "tool_result"),
      "tool_use_id",
    )
    const last = index === messages.length - 1 && role === "assistant" ? lastText(content) : ""
    return [
      ...unless(asString(content) !== "" && asArray(content)?.length !== 0, `an empty message of the ${role}`),
      ...unless(
        called.every((id) => /^[a-zA-Z0-9_-]{1,64}$/.test(id)),
        "a call id of other letters",
      ),
      ...unless(sameMembers(called, called.length > 0 ? answered : []), "calls that the next turn does not begin by answering"),
      ...unless(
        results.every((id) => before.some((call) => call.id === id)),
        "a result that follows no call",
      ),
      ...unless(!blocks.some((block) => block.type === "text" && block.text === ""), "an empty text"),
      ...unless(!blocks.some((block) => block.type === "thinking" && !block.signature), "thinking without a signature"),
      ...unless(last.trimEnd() === last, "whitespace at the end of what was begun"),
      ...unless(!/thinking$/.test(asString(blocks.at(-1)?.type) ?? ""), "thinking at the end of a message"),
    ]
  })
  return [...twice, ...inTurns]
}

/** https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking#validation-changes: thinking by a budget is there from a turn's beginning. */
function unmetByThinking(body: JsonObject): readonly string[] {
  const messages = objects(body.messages)
  if (asObject(body.thinking)?.type !== "enabled" || leadingResults(objects(messages.at(-1)?.content)).length === 0) return []
  const asked = messages.findLastIndex(
    (message) => message.role === "user" && leadingResults(objects(message.content)).length === 0,
  )
  const begun = [
    messages.slice(asked + 1).find(({ role }) => role === "assistant"),
    messages.findLast(({ role }) => role === "assistant"),
  ]
  const thinks = begun.some((message) => /thinking$/.test(asString(objects(message?.content)[0]?.type) ?? ""))
  return unless(thinks, "a turn that goes on without the thinking it began with")
}

function leadingResults(blocks: readonly JsonObject[]): readonly JsonObject[] {
  const end = blocks.findIndex(({ type }) => type !== "tool_result")
  return blocks.slice(0, end < 0 ? blocks.length : end)
}

const lastText = (content: Json | undefined): string => asString(content) ?? asString(objects(content).at(-1)?.text) ?? ""
