const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
const FIXDATE = /^\w{3}, (?<day>\d\d) (?<month>\w{3}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/
const RFC850 = /^\w{6,9}, (?<day>\d\d)-(?<month>\w{3})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/
const ASCTIME = /^\w{3} (?<month>\w{3}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/

/** Epoch milliseconds of an HTTP date in any of the three forms of RFC 9110 §5.6.7; undefined if it is none. */
export function parseHttpDate(text: string, now: number = Date.now()): number | undefined {
  const {
    day = "",
    month = "",
    year = "",
    time = "",
  } = (FIXDATE.exec(text) ?? RFC850.exec(text) ?? ASCTIME.exec(text))?.groups ?? {}
  const index = MONTHS.indexOf(month)
  if (index < 0) return undefined
  const [hours = 0, minutes = 0, seconds = 0] = time.split(":").map(Number)
  return Date.UTC(year.length === 2 ? fullYear(Number(year), now) : Number(year), index, Number(day), hours, minutes, seconds)
}

/** A two-digit year more than 50 years ahead is of the last century, as the RFC says. */
function fullYear(short: number, now: number): number {
  const current = new Date(now).getUTCFullYear()
  const year = current - (current % 100) + short
  return year > current + 50 ? year - 100 : year
}

/**
 * How long a server asks to wait, in milliseconds, never negative: `retry-after-ms`, else `retry-after` in seconds (fractions occur) or as
 * an HTTP date. Undefined if neither can be read.
 */
export function retryAfterMs(headers: { get(name: string): string | null }, now: number = Date.now()): number | undefined {
  const exact = amount(headers.get("retry-after-ms"))
  if (exact !== undefined) return exact
  const text = headers.get("retry-after")?.trim()
  if (text === undefined) return undefined
  const seconds = amount(text)
  if (seconds !== undefined) return seconds * 1000
  const date = parseHttpDate(text, now)
  return date === undefined ? undefined : Math.max(0, date - now)
}

function amount(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}(?:\.\d+)?$/.test(text.trim()) ? Number(text) : undefined
}
