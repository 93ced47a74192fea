import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { freshBinary } from "../support/binary.ts"
import { repository } from "../support/traffic.ts"
import { argument, flag } from "./arguments.ts"
import { canPin, pinOurselves } from "./measure.ts"
import type { Figure, Row, Scale } from "./row.ts"
import { bigBody } from "./rows/big-body.ts"
import { idle, leak, start } from "./rows/process.ts"
import { crowdedStreams, streams } from "./rows/streams.ts"
import { tls } from "./rows/tls.ts"
import { latency, translate, unary } from "./rows/unary.ts"
import { openBench } from "./subjects.ts"

const rows: readonly Row[] = [unary, translate, latency, streams, crowdedStreams, bigBody, tls, leak, start, idle]

const usage = `bun run bench [row …] [--quick] [--rounds N] [--out FILE] [--stand-in]
rows: ${rows.map((row) => row.name).join(" ")}
--stand-in measures a floor in the gateway's place`

/** Measures the gateway against floors in the same run and writes a table. Ends with code 1 when a figure misses its limit. */
async function main(): Promise<number> {
  const names = process.argv
    .slice(2)
    .filter((word, at, all) => !word.startsWith("--") && !/^--(rounds|out)$/.test(all[at - 1] ?? ""))
  const chosen = rows.filter((row) => names.length === 0 || names.includes(row.name))
  if (flag("help") || names.some((name) => !rows.some((row) => row.name === name))) {
    console.log(usage)
    return flag("help") ? 0 : 2
  }
  if (process.platform !== "linux") throw new Error("the figures are read from /proc, so this runs on Linux only")
  pinOurselves()
  const standIn = flag("stand-in")
  console.log(`${subjectLine(standIn)}; ${canPin() ? "server and load on a core each" : "not pinned to cores"}`)
  await using bench = openBench({ standIn })
  const figures: Figure[] = []
  for (const row of chosen) {
    const measured = await row.run(bench, scaleOf())
    for (const figure of measured) console.log(lineOf(figure))
    figures.push(...measured)
  }
  const file = argument("out") ?? join(repository, "dist", "bench.md")
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(
    file,
    `${["| figure | measured | limit | holds | absolute figures on this machine |", "|---|---|---|---|---|", ...figures.map(lineOf)].join("\n")}\n`,
  )
  console.log(`written to ${file}`)
  return figures.every(holds) ? 0 : 1
}

function subjectLine(standIn: boolean): string {
  if (standIn) return "subject: a floor, standing in"
  return `subject: ${freshBinary() ?? "src/main.ts (no fresh binary: run the build first)"}`
}

function scaleOf(): Scale {
  const quick = flag("quick")
  const rounds = Number(argument("rounds") ?? (quick ? 3 : 7))
  return { quick, rounds, calls: (full) => (quick ? Math.ceil(full / 5) : full) }
}

const holds = ({ value, limit, atLeast }: Figure): boolean => (atLeast ? value >= limit : value <= limit)

const digits = { "×": 2, ms: 0, MB: 1, calls: 0 }

function lineOf(figure: Figure): string {
  const { name, value, limit, unit, atLeast, detail } = figure
  const show = (amount: number) => `${amount.toFixed(digits[unit])}${unit === "×" ? " ×" : ` ${unit}`}`
  return `| ${name} | ${show(value)} | ${atLeast ? "≥" : "≤"} ${show(limit)} | ${holds(figure) ? "yes" : "**no**"} | ${detail} |`
}

process.exitCode = await main()
