import { expect, test } from "bun:test"
import fc from "fast-check"
import type { Block } from "../../src/core/block.ts"
import { withOwnCallIds } from "../../src/core/call-ids.ts"
import type { Message } from "../../src/core/message.ts"
import { agentRequest } from "./histories.ts"

/** The same history from a server that counts its calls from nought in each answer, or as if ids were few. */
function recounted(messages: readonly Message[], few: number): readonly Message[] {
  const given = new Map<string, string>()
  const open = new Set<string>()
  const taken = (block: Block): Block => {
    if (block.type === "tool-call") {
      const free = Array.from({ length: few + open.size + 1 }, (_, count) => `call_${count}`).find((id) => !open.has(id)) ?? ""
      given.set(block.id, free)
      open.add(free)
      return { ...block, id: free }
    }
    if (block.type !== "tool-result") return block
    const id = given.get(block.id) ?? block.id
    open.delete(id)
    return { ...block, id }
  }
  return messages.map((message) => ({ ...message, blocks: message.blocks.map(taken) }))
}

const blocksOf = (messages: readonly Message[]): readonly Block[] => messages.flatMap(({ blocks }) => blocks)

/** The place of the call that each result answers. */
function answers(messages: readonly Message[]): readonly number[] {
  const calls = blocksOf(messages).filter(({ type }) => type === "tool-call") as { readonly id: string }[]
  return blocksOf(messages).flatMap((block) =>
    block.type === "tool-result" ? [calls.findIndex(({ id }) => id === block.id)] : [],
  )
}

test("calls whose ids come again are told apart, and each keeps its result", () => {
  fc.assert(
    fc.property(agentRequest, fc.nat(2), ({ messages }, few) => {
      const own = withOwnCallIds(recounted(messages, few), () => {})
      const ids = blocksOf(own).flatMap((block) => (block.type === "tool-call" ? [block.id] : []))
      expect(new Set(ids).size).toBe(ids.length)
      expect(answers(own)).toEqual(answers(messages))
    }),
    { numRuns: 200 },
  )
})

test("a history grown by a turn keeps the ids that it had", () => {
  fc.assert(
    fc.property(agentRequest, fc.nat(40), ({ messages }, cut) => {
      const all = recounted(messages, 0)
      const before = withOwnCallIds(all.slice(0, cut), () => {})
      expect(withOwnCallIds(all, () => {}).slice(0, cut)).toEqual([...before])
    }),
    { numRuns: 200 },
  )
})

test("a history whose ids are each one call's is left as it is, without a notice", () => {
  fc.assert(
    fc.property(agentRequest, ({ messages }) => {
      expect(withOwnCallIds(messages, () => expect.unreachable())).toBe(messages)
    }),
    { numRuns: 50 },
  )
})

test("a result is for the turn that it follows, also where an earlier call of the same id was given up", () => {
  const calls = (...ids: readonly string[]): Message => ({
    role: "assistant",
    blocks: ids.map((id) => ({ type: "tool-call", id, name: "look", input: "{}" })),
  })
  const result = (id: string): Message => ({ role: "user", blocks: [{ type: "tool-result", id, content: [] }] })
  const never: Message = { role: "user", blocks: [{ type: "text", text: "Never mind. What of the other?" }] }
  const given = [calls("call_0"), never, calls("call_0", "call_0"), result("call_0"), result("call_0")]
  expect(answers(withOwnCallIds(given, () => {}))).toEqual([1, 2])
})
