import { sql } from "drizzle-orm"
import type { Opened } from "./database.ts"
import type { DayPart } from "./entry.ts"
import { packed } from "./packed.ts"
import { prepared } from "./prepared.ts"
import { blocks } from "./schema.ts"

/** Writes the payloads of a part, compressed together. */
export function payloadWriter(file: Opened): (part: DayPart) => void {
  const values = { id: sql.placeholder("id"), data: sql.placeholder("data") }
  const block = prepared(file, file.drizzle.insert(blocks).values(values), ["id", "data"])
  return ({ block: id, payloads }) => void block.run(id, packed(payloads))
}
