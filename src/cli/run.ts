import { type Command, exit, UsageError } from "./command.ts"
import { doctor } from "./doctor.ts"
import { commandHelp, overview } from "./help.ts"
import { schema } from "./schema.ts"
import { serve } from "./serve.ts"
import type { Terminal } from "./terminal.ts"
import { validate } from "./validate.ts"
import { versionCommand } from "./version.ts"
import { checkWords, meant } from "./words.ts"

const commands: readonly Command[] = [serve, validate, doctor, schema, versionCommand]

const asksForHelp = (word: string | undefined): boolean => word === "--help" || word === "-h"

/** Runs one command line, program name left out, and returns the exit code. */
export async function runCommandLine(words: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = words
  try {
    if (first === "--version" || first === "-v") return await versionCommand.run([], terminal)
    if (asksForHelp(first) || (first === "help" && rest.length === 0)) {
      terminal.out(overview(commands, serve, terminal.colour))
      return exit.ok
    }
    if (first === undefined || first.startsWith("-")) return await runOne(serve, words, terminal)
    const named = first === "help" ? rest[0] : first
    const command = commands.find(({ name }) => name === named)
    if (!command)
      throw new UsageError(
        `there is no command "${named}"${meant(
          named ?? "",
          commands.map(({ name }) => name),
        )}`,
      )
    return await runOne(command, first === "help" ? ["--help"] : rest, terminal)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    terminal.err(`gantry: ${error.message}`)
    terminal.err(whereHelpIs(first))
    return exit.usage
  }
}

async function runOne(command: Command, words: readonly string[], terminal: Terminal): Promise<number> {
  if (words.some(asksForHelp)) {
    terminal.out(commandHelp(command, terminal.colour))
    return exit.ok
  }
  checkWords(words, command.flags, command.name)
  return command.run(words, terminal)
}

const whereHelpIs = (first: string | undefined): string =>
  commands.some(({ name }) => name === first)
    ? `run "gantry ${first} --help" for its flags`
    : 'run "gantry --help" for commands and flags'
