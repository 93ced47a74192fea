const iso = /^(\d{4})-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+ -]\d\d:?\d\d))?)?$/i

/** The years 2001 to 2286, in which a number can be nothing else. */
const [oldest, newest] = [1e9, 1e10]

/**
 * A point in time, in milliseconds since 1970, written in ISO 8601 or as seconds or milliseconds since 1970; 0 is 1970. A time of day needs its zone, whose plus
 * may have become a space on its way through a query string; a date alone begins at midnight UTC. Undefined for whatever can be read in two ways or none.
 */
export function instantOf(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return ofNumber(Number(text))
  const parts = iso.exec(text)
  return parts ? ofIso(parts) : undefined
}

function ofNumber(value: number): number | undefined {
  if (value === 0) return 0
  if (value >= oldest && value < newest) return Math.round(value * 1_000)
  return value >= oldest * 1_000 && value < newest * 1_000 ? Math.round(value) : undefined
}

function ofIso([
  ,
  year,
  month,
  day = "01",
  hour = "00",
  minute = "00",
  second = "00",
  fraction = "0",
  zone = "Z",
]: RegExpExecArray) {
  const [h, m, s] = [Number(hour), Number(minute), Number(second)]
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day))
  const date = new Date(midnight)
  const exists = date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day)
  const offset = offsetMs(zone)
  if (!exists || h > 23 || m > 59 || s > 59 || offset === undefined) return undefined
  return midnight + ((h * 60 + m) * 60 + s) * 1_000 + Math.floor(Number(`0.${fraction}`) * 1_000) - offset
}

function offsetMs(zone: string): number | undefined {
  const [, sign, hours = "", minutes = ""] = /^([+ -])(\d\d):?(\d\d)$/.exec(zone) ?? []
  if (sign === undefined) return 0
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}
