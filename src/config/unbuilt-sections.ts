import type { Path } from "./problem.ts"
import { document } from "./schema/document.ts"
import { unbuiltParts } from "./schema/values.ts"
import { bare, walkValue } from "./schema/walk.ts"

/** The parts of a document that this build accepts and does nothing with, in the order of the schema. */
export function findUnbuilt(value: unknown): Path[] {
  const found: Path[] = []
  walkValue(document, value, (schema, part, path) => {
    const mark = unbuiltParts.get(schema) ?? unbuiltParts.get(bare(schema))
    if (mark === undefined) return true
    if ((mark.matters ?? saysSomething)(part)) found.push(path)
    return false
  })
  return [...found, ...governanceParts(value)]
}

function governanceParts(value: unknown): Path[] {
  const governance = (value as { governance?: unknown } | null)?.governance
  if (typeof governance !== "object" || governance === null) return []
  return Object.entries(governance).flatMap(([name, part]) =>
    name !== "auth_config" && saysSomething(part) ? [["governance", name]] : [],
  )
}

function saysSomething(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value !== false && value !== undefined && value !== ""
  return Object.keys(value).length > 0
}
