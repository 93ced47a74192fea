import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import type { Wire } from "../../src/core/wire.ts"
import { repository } from "../support/traffic.ts"

/** Formats in which a model is asked for an answer; each folder of `src/wires` that has such a wire must be listed. */
export const generationWires = ["anthropic-messages", "openai-chat", "openai-responses"] as const

const isWire = (value: unknown, id: string): value is Wire =>
  typeof value === "object" && value !== null && "id" in value && value.id === id && "stream" in value

async function load(id: string): Promise<readonly Wire[]> {
  try {
    const module: Record<string, unknown> = await import(join(repository, "src/wires", id, "index.ts"))
    return Object.values(module).filter((value) => isWire(value, id))
  } catch (error) {
    console.log(`${id} does not load: ${error instanceof Error ? error.message : String(error)}`)
    return []
  }
}

/** Found by folder, so that a law needs no list of its own. One that does not load is missing, which is a failure of its own. */
export const loadWires = async (): Promise<readonly Wire[]> =>
  (await Promise.all(generationWires.filter(isWritten).map(load))).flat()

const isWritten = (id: string): boolean => existsSync(join(repository, "src/wires", id, "index.ts"))

/** Folders that hold a wire but are not listed above. */
export function unlistedWires(): readonly string[] {
  const folder = join(repository, "src/wires")
  if (!existsSync(folder)) return []
  const listed: readonly string[] = generationWires
  return readdirSync(folder).filter((id) => isWritten(id) && !listed.includes(id))
}
