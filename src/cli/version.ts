import { version } from "../version.ts"
import { command, exit } from "./command.ts"

export const versionCommand = command({
  name: "version",
  summary: "Print the version",
  flags: {},
  async run(_flags, terminal) {
    terminal.out(`gantry ${version} (Bun ${Bun.version}, ${process.platform} ${process.arch})`)
    return exit.ok
  },
})
