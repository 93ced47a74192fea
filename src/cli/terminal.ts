import type { Environment } from "../config/facts.ts"
import { within } from "../lib/within.ts"

/** Where a command writes, and what it knows of its surroundings. */
export interface Terminal {
  readonly env: Environment
  /** A person is watching. */
  readonly interactive: boolean
  readonly colour: boolean
  /** One line, without its line feed, to standard output. */
  out(line: string): void
  /** The same to standard error. */
  err(line: string): void
  /** Settles when all of it has been taken; a reader that takes nothing is waited for only so long. */
  flushed(): Promise<void>
}

const readerDeadlineMs = 5_000

export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignore)
  const interactive = process.stdout.isTTY === true
  return {
    env: process.env,
    interactive,
    colour: interactive && (process.env.NO_COLOR ?? "") === "" && process.env.TERM !== "dumb",
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    async flushed() {
      const written = [process.stdout, process.stderr].map(
        (stream) => new Promise<void>((done) => stream.write("", () => done())),
      )
      await within(readerDeadlineMs, Promise.all(written))
    },
  }
}

/** A reader that has gone (`gantry | head`) is no reason to stop serving. */
const ignore = (): void => {}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const

export type Style = keyof typeof codes
export type Paint = (style: Style, text: string) => string

/** Wraps a text in a terminal colour, or leaves it alone where there are none. */
export const painter = (colour: boolean): Paint =>
  colour ? (style, text) => `\u001b[${codes[style]}m${text}\u001b[0m` : (_style, text) => text
