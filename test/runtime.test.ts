import { expect, test } from "bun:test"
import { join } from "node:path"

const runtime = join(import.meta.dir, "../src/runtime.ts")

test("a program that may not start itself anew goes on and says what that costs", async () => {
  const child = Bun.spawn(
    [
      process.execPath,
      "-e",
      `import { ensureRuntime } from ${JSON.stringify(runtime)}\nawait ensureRuntime("/nowhere/gantry")\nconsole.log("went on")`,
    ],
    { env: { PATH: process.env.PATH ?? "" }, stdout: "pipe", stderr: "pipe" },
  )
  const [out, err, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited])
  expect({ out, code }).toEqual({ out: "went on\n", code: 0 })
  expect(err).toContain("goes on with at most 256 requests over TLS at once")
  expect(err).toContain("BUN_CONFIG_MAX_HTTP_REQUESTS=65535")
})
