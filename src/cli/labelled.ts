import type { Paint, Style } from "./terminal.ts"

const labelWidth = 13
const columns = 80

/** A label in its column, and what it names. */
export const labelled = (paint: Paint, style: Style, label: string, text: string): string =>
  `${paint(style, label.padEnd(labelWidth))}${text}`

/** How many rows of a narrow screen such a line takes. */
export const rowsOf = (text: string): number => Math.ceil((labelWidth + text.length) / columns)
