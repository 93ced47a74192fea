import { freshBinary } from "../support/binary.ts"
import { gatewayCommand } from "../support/gateway.ts"
import { repository } from "../support/traffic.ts"
import { type Case, runCase } from "./case.ts"
import { localModelCases } from "./local-model.ts"
import { toolTasks } from "./tool-task.ts"

/**
 * The command behind `bun run outside [part of a name …]`: coding agents and SDKs as their users have them, against the compiled gateway. Prints a
 * line for each case and ends with one line of counts.
 */
async function main(filters: readonly string[]): Promise<number> {
  if (freshBinary() === undefined) await build()
  console.log(`the gateway is ${gatewayCommand().join(" ")}`)
  const cases: readonly Case[] = [...toolTasks, ...localModelCases]
  const chosen = cases.filter(({ name }) => filters.every((filter) => name.toLowerCase().includes(filter.toLowerCase())))
  const tally = { passed: 0, failed: 0, skipped: 0 }
  for (const one of chosen) tally[(await runCase(one)).outcome] += 1
  console.log(`${tally.passed} passed, ${tally.failed} failed${tally.skipped > 0 ? `, ${tally.skipped} skipped` : ""}`)
  return tally.failed === 0 && chosen.length > 0 ? 0 : 1
}

async function build(): Promise<void> {
  const child = Bun.spawn([process.execPath, "run", "build"], {
    cwd: repository,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  })
  if ((await child.exited) !== 0) console.log("the binary could not be built, so this runs from source")
}

process.exitCode = await main(process.argv.slice(2))
