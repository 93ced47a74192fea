import type { ArgDef, ArgsDef } from "citty"
import { nearest } from "../lib/nearest.ts"
import { UsageError } from "./command.ts"

/** Refuses words that no flag of the command explains, naming the flag that was perhaps meant. */
export function checkWords(words: readonly string[], flags: ArgsDef, name: string): void {
  const known = flagNames(flags)
  let places = Object.values(flags).filter(({ type }) => type === "positional").length
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ""
    if (!word.startsWith("-")) {
      if (places > 0) {
        places -= 1
        continue
      }
      throw new UsageError(
        `${name} takes no ${expectsMore(flags)}argument "${word}"${known.has("--config") ? meantFile(word) : ""}`,
      )
    }
    const [written = "", value] = split(word)
    const kind = known.get(written)
    if (kind === undefined) throw new UsageError(`there is no flag ${written}${meant(written, known.keys())}`)
    if (kind === "boolean") {
      if (value !== undefined && value !== "true" && value !== "false") throw new UsageError(`${written} takes no value`)
      continue
    }
    const given = value ?? words[++at]
    if (given === undefined || given === "" || (value === undefined && given.startsWith("--")))
      throw new UsageError(`${written} needs a value`)
  }
}

const expectsMore = (flags: ArgsDef): string => (Object.values(flags).some(({ type }) => type === "positional") ? "further " : "")

const meantFile = (word: string): string => (/\.jsonc?$/i.test(word) ? `; did you mean --config ${word}?` : "")

const split = (word: string): readonly [string, string?] => {
  const at = word.indexOf("=")
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)]
}

function flagNames(flags: ArgsDef): ReadonlyMap<string, "boolean" | "string"> {
  const names = new Map<string, "boolean" | "string">()
  for (const [name, flag] of Object.entries(flags)) {
    if (flag.type === "positional") continue
    const kind = flag.type === "boolean" ? "boolean" : "string"
    names.set(`--${name}`, kind)
    for (const alias of aliasesOf(flag)) names.set(`-${alias}`, kind)
  }
  return names
}

export const aliasesOf = (flag: ArgDef): readonly string[] => ("alias" in flag ? [flag.alias ?? []].flat() : [])

/** ` (did you mean X?)`, or nothing when no name is near. */
export function meant(written: string, names: Iterable<string>): string {
  const [near] = nearest(written, names, { max: 1 })
  return near === undefined ? "" : `; did you mean ${near}?`
}
