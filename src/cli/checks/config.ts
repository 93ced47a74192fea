import { readLastGood } from "../../config/last-good.ts"
import { problemLine } from "../../config/render-problems.ts"
import type { Reading } from "../read-config.ts"
import type { Finding } from "./finding.ts"

const shownProblems = 10

export async function checkConfig({ file, detected, result }: Reading, dir: string): Promise<readonly Finding[]> {
  const subject = "config"
  if (!result.ok) {
    const kept = await readLastGood(dir, file)
    const errors = result.problems.filter(({ severity }) => severity === "error")
    const fate = kept === undefined ? "a start would fail" : "a start would use the last good copy"
    return [
      {
        level: "fail",
        subject,
        text: `${file} cannot be used; ${fate}`,
        hint: `the whole story: gantry validate --config ${file}`,
      },
      ...errors.slice(0, shownProblems).map((problem): Finding => ({ level: "fail", subject, text: problemLine(problem) })),
    ]
  }
  const warnings = result.warnings.map((problem): Finding => ({ level: "warn", subject, text: problemLine(problem) }))
  const text = detected ? `no file at ${file}; keys and local servers are looked for` : file
  return [{ level: "ok", subject, text }, ...warnings.slice(0, shownProblems)]
}
