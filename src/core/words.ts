import type { Block } from "./block.ts"

/** What is left of a part of a result where only words can be said; undefined where it has none. */
export function wordsOf(block: Block): string | undefined {
  switch (block.type) {
    case "text":
    case "refusal":
      return block.text
    case "data":
      return block.json
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
