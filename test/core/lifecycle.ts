import { atKey, type Step, type StreamEvent } from "../../src/core/event.ts"

/** Each way in which the steps break the lifecycle of a stream; none for a sound one. `sequential`: never two blocks or messages open. */
export function lifecycleFaults(
  steps: readonly Step[],
  { sequential = false }: { readonly sequential?: boolean } = {},
): string[] {
  const faults: string[] = []
  const blocks = new Map<string, "open" | "ended">()
  const messages = new Map<string, "open" | "ended">()
  const turns = new Set<number>()
  let over: string | undefined
  let started = false

  const open = (map: Map<string, string>) => [...map.values()].filter((state) => state === "open").length
  function begin(map: Map<string, "open" | "ended">, key: string, what: string): void {
    if (map.has(key)) faults.push(`${what} ${key} starts twice`)
    map.set(key, "open")
    if (sequential && open(map) > 1) faults.push(`${what} ${key} starts while another is open`)
  }
  function end(map: Map<string, "open" | "ended">, key: string, what: string): void {
    if (map.get(key) !== "open") faults.push(`${what} ${key} ends but is not open`)
    map.set(key, "ended")
  }
  function take(event: StreamEvent): void {
    if (over) faults.push(`${event.type} after ${over}`)
    switch (event.type) {
      case "response-start":
        if (started) faults.push("response starts twice")
        started = true
        return
      case "message-start":
        begin(messages, `${event.candidate}.${event.message}`, "message")
        return
      case "message-end":
        end(messages, `${event.candidate}.${event.message}`, "message")
        return
      case "block-start":
        if (messages.get(`${event.at.candidate}.${event.at.message}`) !== "open")
          faults.push(`block ${atKey(event.at)} outside its message`)
        begin(blocks, atKey(event.at), "block")
        return
      case "block-delta":
        if (blocks.get(atKey(event.at)) !== "open") faults.push(`delta for block ${atKey(event.at)}, which is not open`)
        return
      case "block-set":
        if (!blocks.has(atKey(event.at))) faults.push(`set for block ${atKey(event.at)}, which never started`)
        return
      case "block-end":
        end(blocks, atKey(event.at), "block")
        return
      case "turn-end":
        if (turns.has(event.candidate)) faults.push(`turn ${event.candidate} ends twice`)
        turns.add(event.candidate)
        return
      case "response-end":
        if (open(blocks) > 0) faults.push("response ends with an open block")
        if (open(messages) > 0) faults.push("response ends with an open message")
        over = event.type
        return
      case "error":
        over = event.type
        return
      case "usage":
      case "foreign":
        return
      default:
        event satisfies never
    }
  }
  for (const step of steps) for (const event of step.events) take(event)
  return faults
}
