const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

type DurationUnit = keyof typeof UNITS

const WHOLE = /^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/
const PART = /(\d+(?:\.\d+)?)(ms|[smhdw])/g
const BARE = /^\d+(?:\.\d+)?$/

/** Milliseconds of `500ms`, `30s`, `1h30m`, `1.5d`, or of a bare number in `unit`; undefined if it is no duration. Never negative. */
export function parseDuration(value: string | number, unit: DurationUnit = "ms"): number | undefined {
  const text = String(value).trim()
  if (BARE.test(text)) return Number(text) * UNITS[unit]
  if (!WHOLE.test(text)) return undefined
  let total = 0
  for (const [, amount, name] of text.matchAll(PART)) total += Number(amount) * UNITS[name as DurationUnit]
  return total
}
