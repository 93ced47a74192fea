import { command, exit } from "./command.ts"

export const schema = command({
  name: "schema",
  summary: "Print the JSON Schema of the configuration file",
  notes: ['editors use it through "$schema" at the top of a file: gantry schema > config.schema.json'],
  flags: {},
  async run(_flags, terminal) {
    const { configJsonSchemaText } = await import("../config/json-schema.ts")
    terminal.out(configJsonSchemaText())
    return exit.ok
  },
})
