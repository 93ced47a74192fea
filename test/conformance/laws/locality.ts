import type { Message } from "../../../src/core/message.ts"
import type { Request } from "../../../src/core/request.ts"
import type { Response } from "../../../src/core/response.ts"
import type { Wire } from "../../../src/core/wire.ts"
import { type Json, stringifyJson } from "../../../src/lib/json.ts"
import { type Body, codecOf } from "../bodies.ts"
import { differences, must, mustBeEmpty } from "../difference.ts"
import { editableTexts, siblingSources } from "../edits.ts"
import { trial } from "../exchange.ts"
import type { Fixture } from "../fixtures.ts"
import type { Law, LawContext } from "../law.ts"
import { at, changeAt, changeList, type NodePath } from "../nodes.ts"
import { unlessRefused } from "../refusal.ts"

const replacement = "An entirely different sentence."

/** Wire fields that lean on a text: an edit of it voids them. */
const dependents = /(annotations|citations|logprobs|signature|encrypted_content|thought_signature)(\[|\.|$)/

const edited = <T>(value: T, path: NodePath): T => changeAt(value, [...path, "text"], () => replacement)

/** Siblings whose source stood in the first body must stand in the second, byte for byte. */
function mustKeepSiblings(value: unknown, path: NodePath, before: string, after: string, what: string): void {
  const lost = siblingSources(value, path).filter((source) => before.includes(source) && !after.includes(source))
  mustBeEmpty(lost, `${what}: siblings changed`)
}

/** Messages that may come and go without breaking a call apart from its result. */
const isPlain = (message: Message | undefined): boolean =>
  message !== undefined && message.blocks.length > 0 && message.blocks.every((block) => block.type === "text")

const plainIndices = (messages: readonly Message[]): number[] =>
  messages.flatMap((message, index) => (isPlain(message) ? [index] : []))

/** An edit changes what was edited, and nothing beside it. */
export const locality: Law = {
  title: "L9 locality",
  fixtures: [
    {
      title: "an edited text changes itself and what leans on it",
      kinds: ["request", "response"],
      check(fixture, context) {
        const codec = codecOf(context, fixture)
        const before = stringifyJson(codec.source)
        for (const path of editableTexts(codec.value)) {
          const what = `after an edit of ${path.join(".")}`
          const old = (at(codec.value, path) as { text: string }).text
          const { body } = codec.encode(edited(codec.value, path))
          const after = stringifyJson(body)
          must(after.includes(replacement), `${what}: the new text is missing`)
          must(!after.includes(JSON.stringify(old).slice(1, -1)), `${what}: the old text is still there`, old)
          const strange = differences(codec.source, body).filter(
            (one) => !JSON.stringify(one.left ?? "").includes(JSON.stringify(old).slice(1, -1)) && !dependents.test(one.path),
          )
          mustBeEmpty(strange, `${what}: other fields changed`)
          mustKeepSiblings(codec.value, path, before, after, what)
        }
      },
    },
    {
      title: "a message put in, taken out or moved leaves the others as they were",
      kinds: ["request"],
      check(fixture, context) {
        const codec = codecOf(context, fixture)
        const request = codec.value as Request
        const before = stringifyJson(codec.source)
        const newcomer: Message = { role: "user", blocks: [{ type: "text", text: replacement }] }
        const variants: [string, readonly Message[], NodePath][] = [
          ["put in at the end", [...request.messages, newcomer], ["messages", request.messages.length]],
        ]
        for (const index of plainIndices(request.messages)) {
          variants.push([`without message ${index}`, request.messages.toSpliced(index, 1), ["messages", index]])
          const next = request.messages[index + 1]
          if (!isPlain(next)) continue
          const swapped = request.messages.with(index, next as Message).with(index + 1, request.messages[index] as Message)
          variants.push([`messages ${index} and ${index + 1} swapped`, swapped, ["messages", -1]])
        }
        for (const [what, messages, path] of variants) {
          if (messages.length === 0) continue
          const { body } = codec.encode({ ...request, messages })
          mustKeepSiblings(request, path, before, stringifyJson(body), what)
        }
      },
    },
    {
      title: "a block taken out of a message leaves the others as they were",
      kinds: ["request", "response"],
      check(fixture, context) {
        const codec = codecOf(context, fixture)
        const before = stringifyJson(codec.source)
        for (const path of editableTexts(codec.value)) {
          const list = path.slice(0, -1)
          if ((at(codec.value, list) as readonly unknown[]).length < 2) continue
          const { body } = codec.encode(changeList(codec.value, list, (blocks) => blocks.toSpliced(path.at(-1) as number, 1)))
          const after = stringifyJson(body)
          const old = (at(codec.value, path) as { text: string }).text
          must(!after.includes(JSON.stringify(old).slice(1, -1)), `without ${path.join(".")}: the text is still there`, old)
          mustKeepSiblings(codec.value, path, before, after, `without ${path.join(".")}`)
        }
      },
    },
    {
      title: "an edited text is gone from every other wire too",
      kinds: ["request", "response"],
      own: true,
      check(fixture, context) {
        for (const path of editableTexts(codecOf(context, fixture).value)) mustBeGoneElsewhere(fixture, context, path)
      },
    },
  ],
}

function mustBeGoneElsewhere(fixture: Fixture, context: LawContext, path: NodePath): void {
  const { value } = codecOf(context, fixture)
  const old = (at(value, path) as { text: string }).text
  for (const other of context.wires.filter((one) => one.id !== context.wire.id)) {
    const body = unlessRefused(() => encodeFor(other, context.wire, edited(value, path)))
    if (body === undefined) continue
    must(
      !stringifyJson(body).includes(JSON.stringify(old).slice(1, -1)),
      `the old text of ${path.join(".")} reaches ${other.id}`,
      old,
    )
  }
}

const encodeFor = (other: Wire, wire: Wire, value: Body): Json =>
  "candidates" in value && Array.isArray(value.candidates)
    ? other.response.encode(value as Response, trial(other, wire))
    : other.request.encode(value as Request, trial(wire, other, { request: value as Request }))
