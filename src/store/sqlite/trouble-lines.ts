import type { LogHealth } from "../../core/record.ts"

export type TellTrouble = (level: "info" | "warn", message: string) => void

const quietMs = 600_000
const mostTexts = 16

/** Takes the log's health whenever it is told, and says what is wrong and when that is over: the same trouble once in ten minutes, however often it comes and goes. */
export function troubleLines(tell: TellTrouble, now: () => number = () => performance.now()) {
  const told = new Map<string, number>()
  let troubled = false
  return ({ state, lastError }: Pick<LogHealth, "state" | "lastError">): void => {
    if (state === "ok") {
      if (troubled) tell("info", "log: calls are written again")
      troubled = false
      return
    }
    if (lastError === undefined || now() - (told.get(lastError) ?? Number.NEGATIVE_INFINITY) < quietMs) return
    if (told.size >= mostTexts) told.clear()
    told.set(lastError, now())
    troubled = true
    tell("warn", `log: ${lastError}`)
  }
}
