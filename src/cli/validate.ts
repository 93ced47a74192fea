import { renderProblems } from "../config/render-problems.ts"
import { command, exit, UsageError } from "./command.ts"
import { defaultDir } from "./folder.ts"
import { readConfiguration } from "./read-config.ts"
import { placeFlags, readSettings } from "./settings.ts"

const providersText = (names: string): string =>
  names === "" ? ", but it has no provider, so nothing can be called" : `; providers: ${names}`

export const validate = command({
  name: "validate",
  summary: "Check a configuration file and say what is wrong, where, and how to mend it",
  notes: ["exit code 0 when the file can be used, 1 when not; warnings do not count"],
  flags: { file: { type: "positional", required: false, description: "The same as --config <file>" }, ...placeFlags },
  async run(flags, terminal) {
    const { providerFacts } = await import("../app.ts")
    if (flags.file !== undefined && flags.config !== undefined)
      throw new UsageError(`both ${flags.file} and --config ${flags.config} are given; one file can be checked at a time`)
    const { dir = defaultDir(terminal.env), file: asked } = readSettings(
      { ...flags, config: flags.config ?? flags.file },
      terminal.env,
    )
    const { file, detected, result } = await readConfiguration({
      dir,
      file: asked,
      env: terminal.env,
      facts: providerFacts,
      unsetKeys: "refuse",
    })
    const problems = result.ok ? result.warnings : result.problems
    if (problems.length > 0) terminal.err(renderProblems(problems, { colour: terminal.colour, file }).trimEnd())
    if (!result.ok) return exit.failed
    const names = result.config.providers.map(({ id }) => id).join(", ")
    terminal.out(detected ? `no file at ${file}; a start would serve: ${names}` : `${file} is good${providersText(names)}`)
    return exit.ok
  },
})
