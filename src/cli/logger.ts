import type { LogLevel } from "./settings.ts"
import { painter, type Terminal } from "./terminal.ts"

export type Log = (level: LogLevel, message: string) => void

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }
const styles = { debug: "dim", info: "cyan", warn: "yellow", error: "red" } as const

/** One line an event on standard error: time, level, message. */
export function logger(terminal: Terminal, least: LogLevel, now: () => number = Date.now): Log {
  const paint = painter(terminal.colour)
  return (level, message) => {
    if (ranks[level] < ranks[least]) return
    terminal.err(`${paint("dim", new Date(now()).toISOString())} ${paint(styles[level], level.padEnd(5))} ${oneLine(message)}`)
  }
}

/** A message may hold what a caller sent: no control sequence of it reaches a terminal. */
const oneLine = (message: string): string => message.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
