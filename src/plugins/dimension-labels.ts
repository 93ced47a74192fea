import { ownMetricLabels } from "../core/metric-labels.ts"
import type { CallRecord } from "../core/record.ts"
import { onceFor } from "../lib/once-for.ts"
import { type BoundedLabel, boundedLabel } from "./metric-label.ts"
import type { Labels } from "./tally.ts"

const valueLimit = 200

const none: Labels = {}

/** What callers say about a call under the configured names, as labels. Values are bounded in number and length; an absent one is empty. */
export function dimensionLabels(names: () => readonly string[]): (record: CallRecord, trusted: boolean) => Labels {
  const values = new Map<string, BoundedLabel>()
  const free = onceFor((wanted: readonly string[]) => wanted.filter((name) => !ownMetricLabels.has(name)))
  return ({ dimensions }, trusted) => {
    const named = names()
    if (named.length === 0) return none
    const wanted = free(named)
    const labels: Record<string, string> = {}
    for (const name of wanted) {
      const value = dimensions?.[name]
      let known = values.get(name)
      if (!known) {
        known = boundedLabel(valueLimit)
        values.set(name, known)
      }
      labels[name] = value === undefined ? "" : known.of(value, trusted)
    }
    return labels
  }
}

/** One key for a key's id and what else tells series apart; for the commonest of calls it is the id itself. */
export function seriesKey(keyId: string, method: string, number: number, labels: Labels): string {
  if (labels === none && method === "chat" && number === 0) return keyId
  return `${keyId}\n${method}\n${number}\n${labels === none ? "" : JSON.stringify(labels)}`
}
