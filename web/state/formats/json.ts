/** Readers for JSON whose shape nobody promises: each gives undefined where the value is not what is asked for. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

export const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined)

/** The value at the end of a path of member names and list places. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value
  for (const step of path) {
    if (typeof here !== "object" || here === null) return undefined
    here = Array.isArray(here) ? here.at(Number(step)) : (here as Readonly<Record<string, unknown>>)[step]
  }
  return here
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
