import { existsSync, statSync } from "node:fs"
import { join } from "node:path"
import { repository } from "./traffic.ts"

const built = join(repository, "dist", process.platform === "win32" ? "gantry.exe" : "gantry")

/** Sources that the binary is made of. */
const sources = ["src/**/*", "web/**/*", "build.ts", "package.json", "bun.lock"]

/** The compiled gateway: `GANTRY_BINARY` if set, else the one in `dist` if it is newer than every source; undefined when stale or missing. */
export function freshBinary(): string | undefined {
  const named = process.env.GANTRY_BINARY
  if (named !== undefined && named !== "") return named
  if (!existsSync(built)) return undefined
  return statSync(built).mtimeMs > newestSource() ? built : undefined
}

function newestSource(): number {
  let newest = 0
  for (const pattern of sources) {
    for (const path of new Bun.Glob(pattern).scanSync({ cwd: repository })) {
      newest = Math.max(newest, statSync(join(repository, path)).mtimeMs)
    }
  }
  return newest
}
