import fc from "fast-check"
import type { Block } from "../../src/core/block.ts"
import type { Message } from "../../src/core/message.ts"
import type { ReasoningOptions, Request } from "../../src/core/request.ts"
import { id, name, toolCallBlock, words } from "./arbitrary.ts"

type Call = Extract<Block, { type: "tool-call" }>

const call = toolCallBlock as fc.Arbitrary<Call>
const text = words.map((said): Block => ({ type: "text", text: said }))
const thought = words.map((said): Block => ({ type: "reasoning", parts: [{ text: said }] }))

/** The blocks of a turn in as many messages as were drawn: formats made of items have one for each. */
const split = (blocks: readonly Block[], cuts: readonly boolean[], role: Message["role"]): readonly Message[] => {
  const messages: { role: Message["role"]; blocks: Block[] }[] = []
  for (const [index, block] of blocks.entries()) {
    const last = messages.at(-1)
    if (last && !cuts[index % cuts.length]) last.blocks.push(block)
    else messages.push({ role, blocks: [block] })
  }
  return messages
}

const resultOf = ({ id, name }: Call): Block => ({
  type: "tool-result",
  id,
  content: [{ type: "text", text: `result of ${name}` }],
})

/** One step of an agent: it thinks, says, thinks, calls; its caller answers the calls in any order, and may say something meanwhile. */
const step: fc.Arbitrary<readonly Message[]> = fc
  .record({
    thought: fc.option(thought, { nil: undefined }),
    said: fc.option(text, { nil: undefined }),
    again: fc.option(thought, { nil: undefined }),
    calls: fc.uniqueArray(call, { minLength: 1, maxLength: 3, selector: ({ id }) => id }),
    cuts: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
    order: fc.nat(5),
    meanwhile: fc.option(fc.record({ role: fc.constantFrom("user" as const, "developer" as const), block: text, at: fc.nat(3) })),
  })
  .map(({ thought, said, again, calls, cuts, order, meanwhile }) => {
    const turn = [thought, said, again, ...calls].filter((block) => block !== undefined)
    const results = calls.map((_, index) => resultOf(calls[(index + order) % calls.length] as Call))
    const answers = [...split(results, cuts, "user")]
    if (meanwhile) answers.splice(meanwhile.at, 0, { role: meanwhile.role, blocks: [meanwhile.block] })
    return [...split(turn, cuts, "assistant"), ...answers]
  })

/** No call id twice, and no text: what is told apart can be followed. */
function distinct(messages: readonly Message[]): readonly Message[] {
  const ids = new Map<string, string>()
  let count = 0
  const told = (block: Block): Block => {
    if (block.type === "tool-call") ids.set(block.id, `${block.id.slice(0, 14)}_${count++}`)
    if (block.type === "tool-call" || block.type === "tool-result") return { ...block, id: ids.get(block.id) ?? block.id }
    if (block.type === "reasoning") return { ...block, parts: block.parts.map((part) => ({ text: `${part.text} ${count++}` })) }
    return block.type === "text" ? { ...block, text: `${block.text} ${count++}` } : block
  }
  return messages.map((message) => ({ ...message, blocks: message.blocks.map(told) }))
}

/** What an agent sends after some steps, its messages cut in any way. */
export const agentRequest: fc.Arbitrary<Request> = fc
  .record({
    model: name,
    system: words,
    ask: words,
    steps: fc.array(step, { minLength: 1, maxLength: 4 }),
    answer: fc.option(words),
    last: fc.option(words),
    reasoning: fc.constantFrom<ReasoningOptions[]>({}, { effort: "high" }, { budget: 2000 }),
    user: id,
  })
  .map(({ model, system, ask, steps, answer, last, reasoning, user }) => ({
    model,
    instructions: [{ type: "text" as const, text: system }],
    messages: distinct([
      { role: "user", blocks: [{ type: "text", text: ask }] },
      ...steps.flat(),
      ...(answer === null ? [] : [{ role: "assistant" as const, blocks: [{ type: "text" as const, text: answer }] }]),
      ...(last === null && answer === null
        ? []
        : [{ role: "user" as const, blocks: [{ type: "text" as const, text: last ?? "Go on." }] }]),
    ]),
    ...(Object.keys(reasoning).length > 0 ? { reasoning } : {}),
    maxOutput: 10_000,
    user,
    pins: [],
  }))
