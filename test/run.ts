import { existsSync } from "node:fs"
import { join } from "node:path"
import { knownFailures, skips } from "./skips.ts"
import { freshBinary } from "./support/binary.ts"
import { runShard } from "./support/runner/shard.ts"
import { judge, type ShardResult, type Verdict } from "./support/runner/verdict.ts"
import { tempFolder } from "./support/temp.ts"
import { repository } from "./support/traffic.ts"

const minute = 60_000

/**
 * The command behind `bun run test [part of a path …]`: builds the binary when it is missing or stale, runs every test file but those of
 * `bench` and `outside`, and ends with one line of counts. Everything is started by `process.execPath`, so that bun need not be on PATH.
 */
async function main(filters: readonly string[]): Promise<number> {
  if (!(await build())) return conclude({ passed: 0, failed: 1, skipped: 0, remarks: ["failed: the build"] })
  const files = testFiles().filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  const isEndToEnd = (file: string) => file.startsWith(join("test", "e2e"))
  await using folder = await tempFolder()
  const shards: ShardResult[] = []
  for (const [name, part] of [
    ["unit", files.filter((file) => !isEndToEnd(file))],
    ["e2e", files.filter(isEndToEnd)],
  ] as const) {
    if (part.length === 0) continue
    const limits =
      name === "e2e" ? { testTimeout: minute, deadline: 20 * minute } : { testTimeout: 20_000, deadline: 10 * minute }
    shards.push(await runShard({ name, files: part, cwd: repository, folder: folder.path, ...limits }))
  }
  return conclude(judge(shards, skips, knownFailures))
}

function testFiles(): readonly string[] {
  const excluded = [join("test", "bench"), join("test", "outside")]
  return [...new Bun.Glob("test/**/*.test.{ts,tsx}").scanSync({ cwd: repository })]
    .filter((file) => !excluded.some((folder) => file.startsWith(folder + (process.platform === "win32" ? "\\" : "/"))))
    .sort()
}

async function build(): Promise<boolean> {
  if (freshBinary() !== undefined) return true
  if (!existsSync(join(repository, "build.ts"))) {
    console.log("there is no build.ts: end-to-end tests run from source")
    return true
  }
  const child = Bun.spawn([process.execPath, "run", "build"], {
    cwd: repository,
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  })
  return (await child.exited) === 0
}

function conclude({ passed, failed, skipped, remarks }: Verdict): number {
  for (const remark of remarks) console.log(remark)
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`)
  return failed === 0 ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
