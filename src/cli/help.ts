import type { ArgDef } from "citty"
import type { Command } from "./command.ts"
import { type Paint, painter } from "./terminal.ts"
import { aliasesOf } from "./words.ts"

/** What `gantry --help` prints. */
export function overview(commands: readonly Command[], fallback: Command, colour: boolean): string {
  const paint = painter(colour)
  return [
    "Gantry: an LLM gateway. Point any SDK or coding agent at it; it talks to every provider.",
    "",
    `${paint("bold", "usage")}  gantry [command] [flags]`,
    "",
    ...table(commands.map(({ name, summary }) => [name, summary])),
    "",
    `${paint("bold", "flags of serve")}, which is what plain "gantry" does`,
    "",
    ...flagTable(fallback),
    "",
    ...fallback.notes,
    "every command explains itself: gantry <command> --help",
  ].join("\n")
}

/** What `gantry <command> --help` prints. */
export function commandHelp(command: Command, colour: boolean): string {
  const paint: Paint = painter(colour)
  const flags = flagTable(command)
  return [
    `${command.summary}.`,
    "",
    `${paint("bold", "usage")}  gantry ${command.name}${flags.length === 0 ? "" : " [flags]"}`,
    ...(flags.length === 0 ? [] : ["", ...flags]),
    ...(command.notes.length === 0 ? [] : ["", ...command.notes]),
  ].join("\n")
}

function flagTable({ flags }: Command): readonly string[] {
  return table(Object.entries(flags).map(([name, flag]) => [flagText(name, flag), flag.description ?? ""]))
}

function flagText(name: string, flag: ArgDef): string {
  const aliases = aliasesOf(flag).map((alias) => `-${alias}, `)
  const value = flag.type === "boolean" ? "" : ` <${flag.valueHint ?? "value"}>`
  return `${aliases.join("")}--${name}${value}`
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
