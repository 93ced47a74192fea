import { describe, expect, test } from "bun:test"
import { join } from "node:path"
import { tempFolder } from "../temp.ts"
import { parseJunit, type TestCase } from "./junit.ts"
import { runShard } from "./shard.ts"
import { judge, type ShardResult } from "./verdict.ts"

const testCase = (outcome: TestCase["outcome"], name = "t"): TestCase => ({
  title: `group > ${name}`,
  name,
  file: "a.test.ts",
  outcome,
})
const shard = (...cases: readonly TestCase[]): ShardResult => ({
  cases,
  reported: cases.filter((one) => one.outcome === "failed").length,
  exitCode: cases.some((one) => one.outcome === "failed") ? 1 : 0,
})

describe("the verdict", () => {
  test("an unlisted skip fails, a listed one is shown with its reason", () => {
    expect(judge([shard(testCase("passed"), testCase("skipped", "s"))], [], [])).toMatchObject({
      passed: 1,
      failed: 1,
      skipped: 0,
    })
    const allowed = judge([shard(testCase("passed"), testCase("skipped", "s"))], [{ title: "s", reason: "because" }], [])
    expect(allowed).toEqual({ passed: 1, failed: 0, skipped: 1, remarks: ["skipped: group > s: because"] })
  })

  test("a known failure may fail and must not pass", () => {
    const known = [{ title: "group > t", reason: "not yet" }]
    expect(judge([shard(testCase("failed"), testCase("passed", "u"))], [], known)).toMatchObject({
      passed: 1,
      failed: 0,
      skipped: 1,
    })
    expect(judge([shard(testCase("passed"))], [], known)).toMatchObject({ passed: 0, failed: 1 })
  })

  test("a crash, an error outside tests, and no tests at all fail", () => {
    expect(judge([{ cases: [testCase("passed")], reported: 0, exitCode: 139 }], [], [])).toMatchObject({ passed: 1, failed: 1 })
    expect(judge([{ cases: [testCase("failed")], reported: 2, exitCode: 1 }], [], [])).toMatchObject({ failed: 2 })
    expect(judge([], [], [])).toMatchObject({ failed: 1, remarks: ["failed: no test ran"] })
  })
})

test("a shard reports what bun test did, errors at load included", async () => {
  await using folder = await tempFolder()
  // reason for the skip and the todo in this text: the shard has to report them
  await Bun.write(
    join(folder.path, "a.test.ts"),
    `import { describe, expect, test } from "bun:test"
    describe("outer & <one>", () => { describe("inner", () => { test('says "hi"', () => { expect(1).toBe(1) }) }) })
    test.skip("later", () => {}); test.todo("some day"); test("bad", () => { expect(1).toBe(2) })`,
  )
  await Bun.write(join(folder.path, "b.test.ts"), `throw new Error("at load")`)
  const options = {
    cwd: folder.path,
    folder: folder.path,
    name: "x",
    testTimeout: 5000,
    deadline: 30_000,
    quiet: true as const,
    env: { PATH: process.env.PATH },
  }
  const result = await runShard({ ...options, files: ["a.test.ts", "b.test.ts"] })
  expect(result.cases.map(({ title, outcome }) => [title, outcome])).toEqual([
    ['outer & <one> > inner > says "hi"', "passed"],
    ["later", "skipped"],
    ["some day", "skipped"],
    ["bad", "failed"],
  ])
  expect(judge([result], [], [])).toMatchObject({ passed: 1, failed: 4, skipped: 0 })
})

test("attributes are read by their whole name", () => {
  const xml = `<testsuite name="f.ts" file="f.ts"><testcase name="n" classname="" time="0" file="f.ts" line="1" assertions="0"><skipped /></testcase></testsuite>`
  expect(parseJunit(xml)).toEqual([{ name: "n", title: "n", file: "f.ts", outcome: "skipped" }])
})
