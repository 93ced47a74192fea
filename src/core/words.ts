import type { Block } from "./block.ts"

/** What is left of a part of a result where only words can be said: none of what says nothing; undefined where words cannot say it. */
export function wordsOf(block: Block): string | undefined {
  switch (block.type) {
    case "text":
    case "refusal":
      return block.text
    case "data":
      return saysNothing.has(block.json) ? "" : block.json
    case "media": {
      if (block.source.type === "text") return block.source.text
      if (block.source.type !== "url") return block.transcript
      return block.name === undefined ? block.source.url : `${block.name}: ${block.source.url}`
    }
    case "compaction":
      return block.text
    case "reasoning":
    case "tool-call":
    case "tool-result":
    case "pin":
    case "foreign":
      return undefined
    default:
      return block satisfies never
  }
}

const saysNothing: ReadonlySet<string> = new Set(["null", "[]", "{}", '""'])
