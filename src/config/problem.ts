import { redactText } from "../lib/redact.ts"

/** Steps from the top of the document to one value. */
export type Path = readonly (string | number)[]

/**
 * One thing that is wrong, or worth knowing, in a configuration file. It never holds a secret's value.
 * `line` and `column` count from 1 and are absent when the problem belongs to no place in a file.
 */
export interface Problem {
  readonly severity: "error" | "warning"
  /** As a person would write it: `providers.openai.keys[0].weight`; empty for the whole document. */
  readonly path: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly message: string
  readonly hint?: string
}

/** Both count from 1; columns are UTF-16 units. */
export interface Place {
  readonly line: number
  readonly column: number
}

const PLAIN = /^[A-Za-z_$][\w$-]*$/

/** As in `Problem.path`; names that are not plain words stand quoted in brackets. */
export function pathText(path: Path): string {
  let text = ""
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`
    else if (PLAIN.test(step)) text += text === "" ? step : `.${step}`
    else text += `[${JSON.stringify(step)}]`
  }
  return text
}

/** Collects problems while a document is read. */
export interface Report {
  readonly problems: readonly Problem[]
  error(path: Path, message: string, hint?: string): void
  warn(path: Path, message: string, hint?: string): void
  /** Like `error`, but points at the name of a member instead of its value. */
  unknownName(path: Path, message: string, hint?: string): void
}

/** More than this is noise: a person fixes these first. */
const PROBLEM_LIMIT = 200

/** `locate` finds a path in the text. The same message about the same path is kept once, and no more than 200 problems are kept. */
export function createReport(locate: (path: Path, at: "name" | "value") => Place | undefined, file?: string): Report {
  const problems: Problem[] = []
  const seen = new Set<string>()
  const add = (severity: Problem["severity"], path: Path, at: "name" | "value", message: string, hint?: string) => {
    // a key may stand where a name belongs
    const text = redactText(pathText(path))
    const identity = `${text}\0${message}`
    if (problems.length >= PROBLEM_LIMIT || seen.has(identity)) return
    seen.add(identity)
    problems.push({
      severity,
      path: text,
      ...(file === undefined ? {} : { file }),
      ...locate(path, at),
      message: redactText(message),
      ...(hint === undefined ? {} : { hint }),
    })
  }
  return {
    problems,
    error: (path, message, hint) => add("error", path, "value", message, hint),
    warn: (path, message, hint) => add("warning", path, "value", message, hint),
    unknownName: (path, message, hint) => add("error", path, "name", message, hint),
  }
}
