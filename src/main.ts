import { ensureRuntime, serves } from "./runtime.ts"

const words = process.argv.slice(2)
// Before anything else is loaded: what comes in twice would be paid for twice.
if (serves(words)) await ensureRuntime()
const { runCommandLine } = await import("./cli/run.ts")
const { processTerminal } = await import("./cli/terminal.ts")

const terminal = processTerminal()
const code = await runCommandLine(words, terminal)
await terminal.flushed()
process.exit(code)
