import { isDeepStrictEqual } from "node:util"
import { type Json, stringifyJson } from "../../src/lib/json.ts"
import type { Passage } from "./scenario.ts"

/** One line for each element near the root, so that a change shows as a short diff. */
function laidOut(value: Json, depth = 0): string {
  if (typeof value !== "object" || value === null || depth >= 3) return stringifyJson(value)
  const pad = "  ".repeat(depth + 1)
  const flat = stringifyJson(value)
  if (flat.length <= 100 || "rawJson" in value) return flat
  const inner = Array.isArray(value)
    ? value.map((one: Json) => pad + laidOut(one, depth + 1))
    : Object.entries(value).map(([key, one]) => `${pad}${JSON.stringify(key)}: ${laidOut(one, depth + 1)}`)
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"]
  return `${open}\n${inner.join(",\n")}\n${"  ".repeat(depth)}${close}`
}

/** The passages as one text: each with what came out, and below it a line for each notice. */
export function snapshotOf(passages: readonly Passage[]): string {
  const answer = passages.find(({ part }) => part === "answer")
  const parts = passages.map(({ part, result, notices }) => {
    const told = notices.map((notice) => `! ${notice.effect} ${notice.code} ${notice.path} ×${notice.count}`)
    const isSame = part === "stream" && answer !== undefined && isDeepStrictEqual(plain(result), plain(answer.result))
    return [`# ${part}`, isSame ? "the same" : laidOut(result as Json), ...told].join("\n")
  })
  return `${parts.join("\n\n")}\n`
}

/** Order of keys apart. */
const plain = (value: Passage["result"]): unknown => JSON.parse(stringifyJson(value as Json))
