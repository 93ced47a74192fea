/**
 * Which names (of models, of keys) a list lets through. `names` keeps the spelling of the file for lists that are shown;
 * `index` holds the same in lower case.
 */
export type NameFilter =
  | { readonly all: true }
  | {
      readonly all: false
      readonly names: readonly string[]
      readonly index: ReadonlySet<string>
      readonly patterns: readonly RegExp[]
    }

/** Lets every name through. */
export const EVERYTHING: NameFilter = { all: true }
/** Lets no name through. */
export const NOTHING: NameFilter = { all: false, names: [], index: new Set(), patterns: [] }

/** Names come from callers and patterns may be slow on long text, so no pattern is tried on a longer name. */
const PATTERN_SUBJECT_LIMIT = 512

/** In any case of letters. A name of more than 512 characters is let through only by everything, or by an entry that is the same name. */
export function allows(filter: NameFilter, name: string): boolean {
  if (filter.all) return true
  if (filter.index.has(name.toLowerCase())) return true
  return name.length <= PATTERN_SUBJECT_LIMIT && filter.patterns.some((pattern) => pattern.test(name))
}

export interface ListReading {
  readonly filter: NameFilter
  /** Entries that could not be read, by position. */
  readonly faults: readonly { readonly index: number; readonly message: string }[]
}

const REGEX_PREFIX = "regex:"

/**
 * Reads a list of the file: `["*"]` is everything, `regex:` starts a pattern that must match the whole name in any case.
 * What an empty list means depends on the list and on the file's `version`.
 */
export function readNameList(entries: readonly string[], whenEmpty: NameFilter): ListReading {
  if (entries.length === 0) return { filter: whenEmpty, faults: [] }
  const faults: { index: number; message: string }[] = []
  const names: string[] = []
  const patterns: RegExp[] = []
  for (const [index, entry] of entries.entries()) {
    if (entry === "*") {
      if (entries.length > 1) faults.push({ index, message: `"*" means every name, so it must be the only entry` })
    } else if (entry.startsWith(REGEX_PREFIX)) {
      const pattern = wholeName(entry.slice(REGEX_PREFIX.length))
      if (pattern === undefined) faults.push({ index, message: "is not a regular expression that can be read" })
      else patterns.push(pattern)
    } else if (entry.trim() === "") faults.push({ index, message: "is an empty name" })
    else names.push(entry)
  }
  if (entries.includes("*")) return { filter: EVERYTHING, faults }
  return { filter: { all: false, names, index: new Set(names.map((name) => name.toLowerCase())), patterns }, faults }
}

function wholeName(source: string): RegExp | undefined {
  try {
    // RE2 files often begin with an inline flag that is in force here anyway, and name groups with a P
    return new RegExp(`^(?:${source.replace(/^\(\?i\)/, "").replaceAll("(?P<", "(?<")})$`, "i")
  } catch {
    return undefined
  }
}
