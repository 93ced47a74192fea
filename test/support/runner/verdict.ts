import type { Excuse } from "../../skips.ts"
import type { TestCase } from "./junit.ts"

/** What came of one `bun test` process. `reported` is the failure count of its printed summary: it also counts errors outside any test. */
export interface ShardResult {
  readonly cases: readonly TestCase[]
  readonly reported: number
  readonly exitCode: number
}

export interface Verdict {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** One line for each skip and each reason to fail that the tests' own output does not show. */
  readonly remarks: readonly string[]
}

/** Judges shards against the lists of allowed skips and known failures. */
export function judge(shards: readonly ShardResult[], skips: readonly Excuse[], knownFailures: readonly Excuse[]): Verdict {
  const remarks: string[] = []
  const tally = { passed: 0, failed: 0, skipped: 0 }
  for (const shard of shards) {
    for (const testCase of shard.cases) {
      const { outcome, remark } = weigh(testCase, skips, knownFailures)
      tally[outcome] += 1
      if (remark !== undefined) remarks.push(remark)
    }
    const unseen = outsideTests(shard)
    tally.failed += unseen
    if (unseen > 0) remarks.push(`failed: ${unseen} outside any test (exit code ${shard.exitCode})`)
  }
  if (tally.passed + tally.failed > 0) return { ...tally, remarks }
  return { ...tally, failed: 1, remarks: [...remarks, "failed: no test ran"] }
}

interface Weighed {
  readonly outcome: TestCase["outcome"]
  readonly remark?: string
}

function weigh(testCase: TestCase, skips: readonly Excuse[], knownFailures: readonly Excuse[]): Weighed {
  const { title, file, outcome } = testCase
  const known = excuseFor(testCase, knownFailures)
  switch (outcome) {
    case "passed":
      return known
        ? { outcome: "failed", remark: `failed: ${title} (${file}) passes but is listed as a known failure` }
        : { outcome }
    case "failed":
      return known ? { outcome: "skipped", remark: `known failure: ${title}: ${known.reason}` } : { outcome }
    case "skipped": {
      const skip = excuseFor(testCase, skips)
      return skip
        ? { outcome, remark: `skipped: ${title}: ${skip.reason}` }
        : { outcome: "failed", remark: `failed: ${title} (${file}) is skipped but not listed in test/skips.ts` }
    }
  }
}

const excuseFor = (testCase: TestCase, excuses: readonly Excuse[]): Excuse | undefined =>
  excuses.find(({ title }) => title === testCase.title || title === testCase.name)

function outsideTests({ cases, reported, exitCode }: ShardResult): number {
  const inTests = cases.filter((testCase) => testCase.outcome === "failed").length
  if (reported > inTests) return reported - inTests
  return exitCode !== 0 && inTests === 0 ? 1 : 0
}
