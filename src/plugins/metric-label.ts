/** Label values from outside, bounded in number and length. */
export interface BoundedLabel {
  /** The value itself once admitted; else `_other`, or `_unknown` where `trusted` says that nobody vouches for it. */
  of(value: string | undefined, trusted: boolean): string
}

const longest = 128

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

/** A map that stops growing: past its limit every new key shares one value. */
export function boundedTable<Value>(limit: number, other: () => Value): (key: string, make: () => Value) => Value {
  const held = new Map<string, Value>()
  let rest: Value | undefined
  return (key, make) => {
    const known = held.get(key)
    if (known !== undefined) return known
    if (held.size >= limit) {
      rest ??= other()
      return rest
    }
    const made = make()
    held.set(key, made)
    return made
  }
}
