import type { z } from "zod"
import { type CompileContext, compileConfig } from "./compile/config.ts"
import { explainIssues } from "./explain.ts"
import { createReport, type Path, type Problem, pathText } from "./problem.ts"
import { document } from "./schema/document.ts"
import { readSource, SOURCE_LIMIT } from "./source-text.ts"
import type { Config } from "./types.ts"

export interface ParseContext extends CompileContext {
  /** What problems name as their file. */
  readonly file?: string
}

export type ParseResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * Reads a configuration from the text of a file. Never throws; says everything that is wrong at once. `problems` holds warnings
 * too, after the errors. Nothing but `env` is looked at: no file, no network.
 */
export function parseConfig(text: string, context: ParseContext): ParseResult {
  if (text.length > SOURCE_LIMIT) return refuse(`the document is longer than ${SOURCE_LIMIT / 1024 / 1024} MiB`, context)
  const read = readSource(text)
  if ("faults" in read) {
    const problems = read.faults.map((fault): Problem => ({ ...named(context), severity: "error", path: "", ...fault }))
    return { ok: false, problems }
  }
  const { source } = read
  const report = createReport(source.locate, context.file)
  if (typeof source.value !== "object" || source.value === null || Array.isArray(source.value)) {
    report.error([], 'a configuration is an object: { "providers": { … } }')
    return { ok: false, problems: report.problems }
  }
  for (const path of source.repeated) repeat(path, report.warn)
  const checked = document.safeParse(source.value)
  if (!checked.success) explainIssues(checked.error.issues, source.value, report)
  const repaired = checked.success ? checked : document.safeParse(withoutFaults(source.value, checked.error.issues))
  const later = createReport(source.locate, context.file)
  const config = repaired.success ? compileConfig(repaired.data, context, later) : undefined
  const earlier = checked.success ? [] : report.problems
  const problems = [
    ...report.problems,
    ...later.problems.filter((problem) => !earlier.some((cause) => surrounds(problem, cause))),
  ]
  const inOrder = problems.toSorted(
    (one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0),
  )
  const errors = inOrder.filter((problem) => problem.severity === "error")
  const warnings = inOrder.filter((problem) => problem.severity === "warning")
  if (config === undefined || errors.length > 0) return { ok: false, problems: [...errors, ...warnings] }
  return { ok: true, config, warnings }
}

/** A complaint about a place that holds a faulty part is likely to be about that part's absence. */
function surrounds(outer: Problem, inner: Problem): boolean {
  return inner.path === outer.path || (inner.path.startsWith(outer.path) && /[.[]/.test(inner.path.charAt(outer.path.length)))
}

function named(context: ParseContext): { file?: string } {
  return context.file === undefined ? {} : { file: context.file }
}

function refuse(message: string, context: ParseContext): ParseResult {
  return { ok: false, problems: [{ ...named(context), severity: "error", path: "", message }] }
}

function repeat(path: Path, warn: (path: Path, message: string, hint?: string) => void): void {
  warn(
    path,
    `"${String(path.at(-1))}" is written more than once in the same place; only the last one counts`,
    `look for ${pathText(path)}`,
  )
}

/** The document without the members that the schema objects to, so that what is wrong elsewhere is found in the same run. */
function withoutFaults(value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy = structuredClone(value)
  for (const issue of issues) {
    if (issue.code === "unrecognized_keys") for (const key of issue.keys) remove(copy, [...issue.path, key])
    else remove(copy, issue.path)
  }
  return copy
}

/** Takes out the member a path leads to; of a list, the whole list, since the places of its entries must not shift. */
function remove(root: unknown, path: readonly PropertyKey[]): void {
  let at = root
  for (const [depth, step] of path.entries()) {
    if (typeof at !== "object" || at === null) return
    const next: unknown = (at as Record<PropertyKey, unknown>)[step]
    const last = depth === path.length - 1 || (depth === path.length - 2 && Array.isArray(next))
    if (last) {
      delete (at as Record<PropertyKey, unknown>)[step]
      return
    }
    at = next
  }
}
