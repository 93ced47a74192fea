/** Label values from outside, bounded in number and length. */
export interface BoundedLabel {
  /** The value itself once admitted; else `_other`, or `_unknown` where `trusted` says that nobody vouches for it. */
  of(value: string | undefined, trusted: boolean): string
}

const longest = 128

/** Admits the first `limit` trusted values of up to 128 characters, and keeps them. */
export function boundedLabel(limit: number): BoundedLabel {
  const admitted = new Set<string>()
  return {
    of(value, trusted) {
      if (value === undefined || value === "") return "_unknown"
      if (admitted.has(value)) return value
      if (!trusted) return "_unknown"
      if (admitted.size >= limit || value.length > longest) return "_other"
      admitted.add(value)
      return value
    },
  }
}

/** Values by three names, for what is looked up with every call: making one key of three texts costs more than three lookups. */
export interface BoundedTable<Value> {
  /** What is held under the names, and for all further ones of a full table what they share; undefined where there is room to `add`. */
  find(first: string, second: string, third: string): Value | undefined
  add(first: string, second: string, third: string, value: Value): Value
}

/** A table that stops growing: past its limit all new names share one value. */
export function boundedTable<Value>(limit: number, other: () => Value): BoundedTable<Value> {
  const held = new Map<string, Map<string, Map<string, Value>>>()
  let size = 0
  let rest: Value | undefined
  return {
    find(first, second, third) {
      const known = held.get(first)?.get(second)?.get(third)
      if (known !== undefined || size < limit) return known
      rest ??= other()
      return rest
    },
    add(first, second, third, value) {
      const outer = held.getOrInsertComputed(first, () => new Map())
      outer.getOrInsertComputed(second, () => new Map()).set(third, value)
      size += 1
      return value
    },
  }
}
