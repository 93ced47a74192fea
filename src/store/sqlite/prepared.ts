import type { SQLQueryBindings } from "bun:sqlite"
import { is, Param, Placeholder } from "drizzle-orm"
import type { Opened } from "./database.ts"

/**
 * Prepares a statement that drizzle has worded, and runs it on the connection directly: drizzle's own filling of placeholders costs as much as
 * writing the row. Gives the rowid of what was last inserted. Values are bound as they are, so a boolean becomes 0 or 1.
 */
export function prepared<Values extends object>(
  { client }: Opened,
  query: { toSQL(): { sql: string; params: unknown[] } },
): (values: Values) => number {
  const { sql, params } = query.toSQL()
  const names = params.map(nameOf) as (keyof Values)[]
  const statement = client.prepare<unknown, SQLQueryBindings[]>(sql)
  return (values) => {
    const bindings = names.map((name) => values[name] as SQLQueryBindings)
    return Number(statement.run(...bindings).lastInsertRowid)
  }
}

function nameOf(parameter: unknown): string {
  const value = is(parameter, Param) ? parameter.value : parameter
  if (is(value, Placeholder)) return value.name
  throw new Error("a statement of the log has a parameter that is no placeholder")
}
