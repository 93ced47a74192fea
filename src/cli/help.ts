import type { ArgDef } from "citty"
import type { Command } from "./command.ts"
import { type Paint, painter } from "./terminal.ts"
import { aliasesOf } from "./words.ts"
import { wrapped } from "./wrapped.ts"

/** What `gantry --help` prints. */
export function overview(commands: readonly Command[], fallback: Command, colour: boolean): string {
  const paint = painter(colour)
  return [
    wrapped("Gantry: an LLM gateway. Point any SDK or coding agent at it; it talks to every provider.", 0),
    "",
    `${paint("bold", "usage")}  gantry [command] [flags]`,
    "",
    ...table(commands.map(({ name, summary }) => [name, summary])),
    "",
    `${paint("bold", "flags of serve")}, which is what plain "gantry" does`,
    "",
    ...flagTable(fallback),
    "",
    ...fallback.notes.map(note),
    "every command explains itself: gantry <command> --help",
  ].join("\n")
}

/** What `gantry <command> --help` prints. */
export function commandHelp(command: Command, colour: boolean): string {
  const paint: Paint = painter(colour)
  const flags = flagTable(command)
  return [
    wrapped(`${command.summary}.`, 0),
    "",
    `${paint("bold", "usage")}  gantry ${command.name}${usage(command)}`,
    ...(flags.length === 0 ? [] : ["", ...flags]),
    ...(command.notes.length === 0 ? [] : ["", ...command.notes.map(note)]),
  ].join("\n")
}

const note = (text: string): string => wrapped(text, 2)

function usage({ flags }: Command): string {
  const kinds = Object.entries(flags)
  const positional = kinds.filter(([, { type }]) => type === "positional").map(([name]) => ` [${name}]`)
  return positional.join("") + (kinds.length > positional.length ? " [flags]" : "")
}

function flagTable({ flags }: Command): readonly string[] {
  return table(Object.entries(flags).map(([name, flag]) => [flagText(name, flag), flag.description ?? ""]))
}

function flagText(name: string, flag: ArgDef): string {
  if (flag.type === "positional") return name
  const aliases = aliasesOf(flag).map((alias) => `-${alias}, `)
  const value = flag.type === "boolean" ? "" : ` <${flag.valueHint ?? "value"}>`
  return `${aliases.join("")}--${name}${value}`
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => wrapped(`  ${left.padEnd(width)}  ${right}`, width + 4))
}
