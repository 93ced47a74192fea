import { at, listOf, parse, textOf } from "./formats/json.ts"

/** A piece of what was said in a turn. All of it is text, to be shown as text. */
export type Part =
  | { readonly type: "text" | "reasoning" | "refusal"; readonly text: string }
  | { readonly type: "call"; readonly name: string; readonly input: string; readonly id?: string }
  | { readonly type: "result"; readonly parts: readonly Part[]; readonly failed: boolean; readonly id?: string }
  /** `data` is the payload's own picture as a data URL; one given by address is named, never fetched. */
  | { readonly type: "picture"; readonly data?: string; readonly address?: string }
  | { readonly type: "other"; readonly label: string; readonly json?: string }

export interface Turn {
  readonly role: string
  readonly parts: readonly Part[]
}

/** The turns of a request or an answer that the gateway has decoded into its own terms. */
export function turnsOf(decoded: unknown): readonly Turn[] {
  const instructions = partsOf(at(decoded, "instructions"))
  const asked = listOf(at(decoded, "messages"))
  const answered = listOf(at(decoded, "candidates")).flatMap((candidate) => listOf(at(candidate, "messages")))
  return [{ role: "system", parts: instructions }, ...[...asked, ...answered].map(turnOf)].filter(({ parts }) => parts.length > 0)
}

const turnOf = (message: unknown): Turn => ({
  role: textOf(at(message, "role")) ?? unknownRole,
  parts: partsOf(at(message, "blocks")),
})

const unknownRole = "unknown"

const partsOf = (blocks: unknown): readonly Part[] => listOf(blocks).map(partOf)

function partOf(block: unknown): Part {
  const type = textOf(at(block, "type"))
  const id = textOf(at(block, "id"))
  const named = id === undefined ? {} : { id }
  switch (type) {
    case "text":
    case "refusal":
      return { type, text: textOf(at(block, "text")) ?? "" }
    case "reasoning": {
      const texts = listOf(at(block, "parts")).map((part) => textOf(at(part, "text")) ?? "")
      return { type, text: texts.filter(Boolean).join("\n\n") || "Sealed: only its vendor can read it." }
    }
    case "tool-call":
      return { type: "call", name: textOf(at(block, "name")) ?? "", input: textOf(at(block, "input")) ?? "", ...named }
    case "tool-result":
      return { type: "result", parts: partsOf(at(block, "content")), failed: at(block, "failed") === true, ...named }
    case "media":
      return pictureOf(block)
    default:
      return { type: "other", label: type ?? "block", json: JSON.stringify(block, undefined, 2) }
  }
}

/** Types that can hold no script. */
const drawable = /^image\/(png|jpeg|gif|webp)$/

function pictureOf(block: unknown): Part {
  const mime = textOf(at(block, "mime")) ?? ""
  const data = textOf(at(block, "source", "data"))
  if (data !== undefined && drawable.test(mime)) return { type: "picture", data: `data:${mime};base64,${data}` }
  const address = textOf(at(block, "source", "url"))
  if (address !== undefined) return { type: "picture", address }
  return { type: "other", label: [textOf(at(block, "kind")), mime, textOf(at(block, "name"))].filter(Boolean).join(" ") }
}

/** JSON with line breaks and indents put in, every other character as it was: numbers keep their digits, members their order. */
export function indented(source: string): string {
  if (parse(source) === undefined) return source
  const lexemes = source.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? []
  let depth = 0
  let text = ""
  const line = () => `\n${"  ".repeat(depth)}`
  lexemes.forEach((lexeme, index) => {
    const before = lexemes[index - 1] ?? ""
    if (lexeme === "}" || lexeme === "]") {
      depth -= 1
      text += before === "{" || before === "[" ? lexeme : line() + lexeme
    } else {
      if (before === "{" || before === "[" || before === ",") text += line()
      text += lexeme === ":" ? ": " : lexeme
      if (lexeme === "{" || lexeme === "[") depth += 1
    }
  })
  return text
}
