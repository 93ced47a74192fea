import type { Problem } from "./problem.ts"

export interface RenderOptions {
  /** Whether to use terminal colours. */
  readonly colour: boolean
  /** What to call the file where a problem does not say. */
  readonly file?: string
}

const RED = "31"
const YELLOW = "33"
const DIM = "2"
const BOLD = "1"

/** For a terminal: a block for each problem (what, where, how to mend it), errors first, and a count. Empty text for none. */
export function renderProblems(problems: readonly Problem[], options: RenderOptions): string {
  if (problems.length === 0) return ""
  const errors = problems.filter((problem) => problem.severity === "error")
  const warnings = problems.filter((problem) => problem.severity === "warning")
  const blocks = [...errors, ...warnings].map((problem) => renderBlock(problem, options))
  return `${blocks.join("\n\n")}\n\n${countText(errors.length, warnings.length)}\n`
}

function renderBlock(problem: Problem, options: RenderOptions): string {
  const paint = (code: string, text: string) => (options.colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const label = paint(problem.severity === "error" ? RED : YELLOW, problem.severity)
  const lines = [
    `${label}  ${paint(BOLD, printable(problem.path === "" ? problem.message : `${problem.path}: ${problem.message}`))}`,
  ]
  const place = placeText(problem, options.file)
  if (place !== undefined) lines.push(paint(DIM, `   at  ${printable(place)}`))
  if (problem.hint !== undefined) lines.push(`  fix  ${printable(problem.hint)}`)
  return lines.join("\n")
}

/** `file:line:column`, the form that editors and terminals make a link of. */
function placeText(problem: Problem, fallback?: string): string | undefined {
  const file = problem.file ?? fallback
  const place = problem.line === undefined ? undefined : `${problem.line}:${problem.column ?? 1}`
  if (file === undefined) return place === undefined ? undefined : `line ${place}`
  return place === undefined ? file : `${file}:${place}`
}

/** One line, for logs. */
export function problemLine(problem: Problem): string {
  const place = placeText(problem)
  const head = problem.path === "" ? problem.message : `${problem.path}: ${problem.message}`
  return printable(`${head}${place === undefined ? "" : ` (${place})`}${problem.hint === undefined ? "" : ` — ${problem.hint}`}`)
}

/** Names in a file may hold anything, control sequences of terminals too. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
}

function countText(errors: number, warnings: number): string {
  const parts = [errors > 0 ? plural(errors, "error") : "", warnings > 0 ? plural(warnings, "warning") : ""]
  return parts.filter((part) => part !== "").join(", ")
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`
}
