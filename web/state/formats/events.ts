import { parse } from "./json.ts"

/** Server-sent events cut from text that comes in pieces: the JSON in each one's data. The closing `[DONE]` is none. */
export interface EventReader {
  push(text: string): readonly unknown[]
}

export function eventReader(): EventReader {
  let held = ""
  return {
    push(text) {
      const blocks = (held + text).split(/\r\n\r\n|\n\n|\r\r/)
      held = blocks.pop() ?? ""
      return blocks.flatMap((block) => {
        const data = block
          .split(/\r\n|\n|\r/)
          .filter((line) => line.startsWith("data:"))
          .map((line) => line.slice(5).replace(/^ /, ""))
          .join("\n")
        const event = data === "" ? undefined : parse(data)
        return event === undefined ? [] : [event]
      })
    },
  }
}
