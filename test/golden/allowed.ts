import { readFileSync } from "node:fs"
import { join } from "node:path"

/** One difference that a pair of wires cannot avoid. */
export interface Allowed {
  readonly side: "request" | "response"
  /** Whose value it is, and who cannot carry it. */
  readonly from: string
  readonly to: string
  /** A notice's code and path, or `refused` where the request as a whole is. */
  readonly code: string
  readonly path: string
  readonly scenarios: readonly string[]
  /** What the receiving vendor's format lacks. */
  readonly missing: string
  /** Where its vendor documents the format. */
  readonly source: string
}

/** The one table of allowed differences: a line each, its columns are the members above in their order. */
export const allowed: readonly Allowed[] = readFileSync(join(import.meta.dir, "allowed.tsv"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map(read)

function read(line: string): Allowed {
  const [side, from = "", to = "", code = "", path = "", scenarios = "", missing = "", source = ""] = line.split("\t")
  if (side !== "request" && side !== "response") throw new Error(`allowed.tsv: no such side: ${line}`)
  return { side, from, to, code, path, scenarios: scenarios.split(" "), missing, source }
}

/** Scenarios whose words, calls and results every pair carries: rows excuse only what is asked beside them. */
export const lossless: ReadonlySet<string> = new Set([
  "text",
  "tools",
  "tool-call",
  "parallel-tools",
  "tool-empty-args",
  "tool-one-chunk",
  "tool-split-args",
  "multi-turn",
  "length",
  "error-in-stream",
  "cut-stream",
])

/** What was said, and the tools it was said with. */
export const isContent = (path: string): boolean => /^(instructions|messages|candidates|tools\[\*\]$)/.test(path)
