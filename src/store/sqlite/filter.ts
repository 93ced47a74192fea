import { and, eq, gt, gte, inArray, isNull, lte, or, type SQL } from "drizzle-orm"
import type { LogQuery } from "../../core/record.ts"
import type { calls } from "./schema.ts"

type Columns = Pick<typeof calls, keyof typeof calls.$inferSelect>

/** What a query asks of columns beyond its time range; undefined when it asks nothing. */
export function conditionOf(query: LogQuery, row: Columns): SQL | undefined {
  return and(
    query.providers && inArray(row.provider, [...query.providers]),
    query.models && or(...query.models.map((name) => isModel(name, row))),
    query.keys && inArray(row.keyId, [...query.keys]),
    query.dialects && inArray(row.dialect, [...query.dialects]),
    query.status && eq(row.ok, query.status === "success"),
    query.errorKinds && inArray(row.errorKind, [...query.errorKinds]),
    query.stopReasons && inArray(row.stop, [...query.stopReasons]),
    query.sessionId === undefined ? undefined : eq(row.sessionId, query.sessionId),
    query.requestId === undefined ? undefined : eq(row.id, query.requestId),
    query.stream === undefined ? undefined : eq(row.stream, query.stream),
    query.minDurationMs === undefined ? undefined : gte(row.durationMs, query.minDurationMs),
    query.maxDurationMs === undefined ? undefined : lte(row.durationMs, query.maxDurationMs),
    query.minTokens === undefined ? undefined : gte(row.tokens, query.minTokens),
    query.maxTokens === undefined ? undefined : lte(row.tokens, query.maxTokens),
    query.minCost === undefined ? undefined : gte(row.cost, query.minCost),
    query.maxCost === undefined ? undefined : lte(row.cost, query.maxCost),
    query.missingCost ? and(isNull(row.cost), or(eq(row.ok, true), gt(row.tokens, 0))) : undefined,
  )
}

/** A model's own name or the caller's, alone or as `provider/model`; a name may hold slashes too. */
function isModel(name: string, row: Columns): SQL | undefined {
  const slash = name.indexOf("/")
  const called = or(eq(row.model, name), eq(row.alias, name))
  if (slash <= 0) return called
  const rest = name.slice(slash + 1)
  return or(called, and(eq(row.provider, name.slice(0, slash).toLowerCase()), or(eq(row.model, rest), eq(row.alias, rest))))
}
