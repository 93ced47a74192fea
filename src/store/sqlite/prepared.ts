import type { SQLQueryBindings, Statement } from "bun:sqlite"
import { is, Param, Placeholder } from "drizzle-orm"
import type { Opened } from "./database.ts"

/**
 * Prepares a statement that drizzle has worded, to be run on the connection directly: drizzle's own filling of placeholders costs as much as
 * writing the row. Its placeholders must be `names`, once or several times in that order, and values are bound as they are.
 */
export function prepared(
  { client }: Opened,
  query: { toSQL(): { sql: string; params: unknown[] } },
  names: readonly string[],
): Statement<unknown, SQLQueryBindings[]> {
  const { sql, params } = query.toSQL()
  for (const [index, parameter] of params.entries())
    if (nameOf(parameter) !== names[index % names.length])
      throw new Error("a statement of the log has parameters in another order")
  return client.prepare<unknown, SQLQueryBindings[]>(sql)
}

function nameOf(parameter: unknown): string {
  const value = is(parameter, Param) ? parameter.value : parameter
  if (is(value, Placeholder)) return value.name
  throw new Error("a statement of the log has a parameter that is no placeholder")
}
