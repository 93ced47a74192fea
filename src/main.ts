import { runCommandLine } from "./cli/run.ts"
import { processTerminal } from "./cli/terminal.ts"

const terminal = processTerminal()
const code = await runCommandLine(process.argv.slice(2), terminal)
await terminal.flushed()
process.exit(code)
