/** What stands for a figure that is not known. Never a zero. */
export const unknown = "unknown"

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 })
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 })

export const count = (value: number): string => whole.format(value).replace("-", "−")

/** Exact up to five digits, then rounded with its letter. */
export const briefCount = (value: number): string => (value < 100_000 ? whole.format(value) : compact.format(value))

/** A span of time given in milliseconds, with its unit: `0.4 ms`, `87 ms`, `1.24 s`, `3 min 05 s`. */
export function duration(ms: number): string {
  if (ms < 9.95) return `${(Math.round(ms * 10) / 10).toString()} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 9_995) return `${(ms / 1_000).toFixed(2)} s`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`
  const hours = Math.floor(seconds / 3_600)
  if (hours < 48) return `${hours} h ${pad(Math.floor((seconds % 3_600) / 60))} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** A span of time in whole seconds, for what counts up or down before one's eyes. */
export const wholeSeconds = (ms: number): string =>
  ms < 60_000 ? `${Math.floor(ms / 1_000)} s` : duration(Math.floor(ms / 1_000) * 1_000)

/** A span of time in its largest unit or two, for what goes on for long: from a minute on it no longer changes each second. */
export const longSpan = (ms: number): string =>
  ms >= 60_000 && ms < 3_600_000 ? `${Math.floor(ms / 60_000)} min` : wholeSeconds(ms)

/** Powers of 1,024. */
export function bytes(size: number): string {
  if (size < 1_024) return `${whole.format(size)} B`
  if (size < 1_048_576) return `${(size / 1_024).toFixed(size < 10_240 ? 1 : 0)} KiB`
  return `${(size / 1_048_576).toFixed(1)} MiB`
}

/** US dollars with digits enough to tell small calls apart. */
export function money(dollars: number): string {
  if (dollars === 0) return "$0"
  if (dollars < 0.000_001) return "< $0.000001"
  if (dollars < 0.01) return `$${Number(dollars.toPrecision(2)).toFixed(6).replace(/0+$/, "")}`
  return `$${dollars.toFixed(dollars < 1 ? 4 : 2)}`
}

const pad = (value: number): string => String(value).padStart(2, "0")

const sameDay = (one: Date, other: Date): boolean => one.toDateString() === other.toDateString()

/** Local time of day to the second, with the date before it when that is not today. */
export function clock(at: number, now: number): string {
  const date = new Date(at)
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
  return sameDay(date, new Date(now)) ? time : `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${time}`
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** The same in at most 12 characters: a moment of another day has no seconds, one of another year no time of day. */
export function briefClock(at: number, now: number): string {
  const date = new Date(at)
  const today = new Date(now)
  if (sameDay(date, today)) return clock(at, now)
  const day = `${date.getDate()} ${months[date.getMonth()]}`
  if (date.getFullYear() !== today.getFullYear()) return `${day} ${date.getFullYear()}`
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}`
}

/** The moment in full: date, local time to the millisecond, and the offset from UTC. */
export function moment(at: number): string {
  const date = new Date(at)
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`
  const offset = -date.getTimezoneOffset()
  const sign = offset < 0 ? "−" : "+"
  return `${day} ${time} UTC${sign}${pad(Math.floor(Math.abs(offset) / 60))}:${pad(Math.abs(offset) % 60)}`
}
