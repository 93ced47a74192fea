import type { z } from "zod"
import { nearestName } from "./nearest-name.ts"
import { nameHint, shapeHint } from "./newcomer-hints.ts"
import { type Path, pathText, type Report } from "./problem.ts"
import { document } from "./schema/document.ts"
import { members, placeOf, schemaAt } from "./schema/walk.ts"

type Issue = z.core.$ZodIssue

/** Says in plain words what the schema found, every finding as one problem. `value` is the document that was checked. */
export function explainIssues(issues: readonly Issue[], value: unknown, report: Report, around: Path = []): void {
  for (const issue of issues) explainIssue(issue, value, report, [...around, ...stepsOf(issue.path)])
}

function explainIssue(issue: Issue, value: unknown, report: Report, path: Path): void {
  const given = valueAt(value, path)
  switch (issue.code) {
    case "unrecognized_keys":
      for (const name of issue.keys) explainUnknownName(name, path, valueAt(given, [name]), report)
      return
    case "invalid_type":
      if (given === undefined) report.error(path, `"${String(path.at(-1))}" is required here`)
      else report.error(path, wrongKind(typeName(issue.expected), given), hintOf(path, issue.expected, given))
      return
    case "invalid_union":
      explainUnion(issue, value, report, path)
      return
    case "invalid_value":
      explainChoice(issue.values.map(String), given, report, path)
      return
    case "too_small":
      report.error(path, sizeMessage(issue.origin, "at least", Number(issue.minimum)))
      return
    case "too_big":
      report.error(path, sizeMessage(issue.origin, "at most", Number(issue.maximum)))
      return
    case "invalid_key":
      report.unknownName(path, "a name must not be empty")
      return
    case "invalid_format":
    case "not_multiple_of":
    case "invalid_element":
    case "custom":
      report.error(path, issue.message)
      return
  }
}

/** Known in so many places that naming one of them would mislead. */
const COMMON_NAMES: ReadonlySet<string> = new Set(["id", "name", "value", "url", "type", "description", "enabled", "status"])

function explainUnknownName(name: string, path: Path, given: unknown, report: Report): void {
  const at = [...path, name]
  const schema = schemaAt(document, path)
  const known = schema === undefined ? [] : [...members(schema).keys()]
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name
  const elsewhere = placeOf(document, path, name)
  const nearest = nearestName(name, known)
  const message = `"${shown}" is not a setting ${path.length === 0 ? "of this file" : `of ${pathText(path)}`}`
  const written = nameHint(path, name, given)
  if (written !== undefined) report.unknownName(at, message, written)
  else if (elsewhere !== undefined && (nearest === undefined || !COMMON_NAMES.has(name)))
    report.unknownName(
      at,
      message,
      `"${shown}" belongs in ${pathText(elsewhere).replaceAll('["<name>"]', ".<name>") || "the top level"}`,
    )
  else if (nearest !== undefined) report.unknownName(at, message, `did you mean "${nearest}"?`)
  else
    report.unknownName(
      at,
      message,
      longerNames(name, known) ?? (known.length === 0 ? undefined : `known here: ${listing(known)}`),
    )
}

/** Known names of which a part was written, as `timeout` of `stream_idle_timeout_in_seconds`. */
function longerNames(name: string, known: readonly string[]): string | undefined {
  const longer = name.length < 4 ? [] : known.filter((candidate) => `_${candidate}_`.includes(`_${name.toLowerCase()}_`))
  if (longer.length === 0) return undefined
  return longer.length === 1 ? `did you mean "${longer[0]}"?` : `did you mean one of ${listing(longer)}?`
}

/** Of several ways to write a value, speaks of the one that the writer chose: the one whose kind fits. */
function explainUnion(issue: Extract<Issue, { code: "invalid_union" }>, value: unknown, report: Report, path: Path): void {
  const chosen = issue.errors.find((way) => way.length > 0 && !way.some((inner) => isKindIssue(inner)))
  if (chosen !== undefined) {
    explainIssues(chosen, value, report, path)
    return
  }
  const given = valueAt(value, path)
  if (given === undefined) {
    report.error(path, `"${String(path.at(-1))}" is required here`)
    return
  }
  const choices = issue.errors.flat().flatMap((inner) => (inner.code === "invalid_value" ? inner.values.map(String) : []))
  if (choices.length > 0) {
    explainChoice(choices, given, report, path)
    return
  }
  const kinds = issue.errors.flat().flatMap((inner) => (inner.code === "invalid_type" ? [typeName(inner.expected)] : []))
  report.error(path, wrongKind([...new Set(kinds)].join(" or "), given))
}

function isKindIssue(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value")
}

function explainChoice(choices: readonly string[], given: unknown, report: Report, path: Path): void {
  const shown = choices.filter((choice) => choice !== "")
  const nearest = typeof given === "string" ? nearestName(given, shown) : undefined
  report.error(path, `must be ${oneOf(shown)}`, nearest === undefined ? undefined : `did you mean "${nearest}"?`)
}

function oneOf(choices: readonly string[]): string {
  return choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(", ")}`
}

function sizeMessage(origin: string, bound: string, limit: number): string {
  switch (origin) {
    case "string":
      return limit === 1 && bound === "at least" ? "must not be empty" : `must be ${bound} ${limit} characters long`
    case "array":
      return `must have ${bound} ${limit} entries`
    default:
      return `must be ${bound} ${limit}`
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
}

function typeName(expected: string): string {
  return TYPE_NAMES[expected] ?? expected
}

function kindOf(value: unknown): string {
  if (value === null) return "null"
  if (Array.isArray(value)) return "a list"
  switch (typeof value) {
    case "string":
      return "a text"
    case "number":
      return "the number ".concat(String(value))
    case "boolean":
      return String(value)
    default:
      return "an object"
  }
}

/** A number is shown where a number was meant; elsewhere it may be somebody's password. */
function wrongKind(wanted: string, given: unknown): string {
  const shown = typeof given === "number" && !/number|true or false/.test(wanted) ? "a number" : kindOf(given)
  return `must be ${wanted}, but is ${shown}`
}

const hintOf = (path: Path, expected: string, given: unknown): string | undefined =>
  shapeHint(path, expected, given) ?? typeHint(expected, given)

function typeHint(expected: string, given: unknown): string | undefined {
  if (expected === "array" && typeof given === "string") return "put it into square brackets"
  if (typeof given !== "string") return undefined
  const bare = given.trim()
  if ((expected === "number" || expected === "int") && bare !== "" && Number.isFinite(Number(bare))) return "leave out the quotes"
  if (expected === "boolean" && /^(?:true|false)$/i.test(bare)) return `write ${bare.toLowerCase()} without quotes`
  return undefined
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined
    at = (at as Record<string | number, unknown>)[step]
  }
  return at
}

function stepsOf(path: readonly PropertyKey[]): (string | number)[] {
  return path.map((step) => (typeof step === "symbol" ? String(step) : step))
}

function listing(names: readonly string[]): string {
  const most = 12
  return names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${names.length - most} more`
}
