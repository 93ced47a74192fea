import { describe, expect, test } from "bun:test"
import { join } from "node:path"

const sheet = await Bun.file(join(import.meta.dir, "../../web/styles/tokens.css")).text()
const [light = "", dark = ""] = sheet.split("@media (prefers-color-scheme: dark)")
const colours = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [name, value]))
const themes = { light: colours(light), dark: { ...colours(light), ...colours(dark) } }

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [lower = 0, higher = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (higher + 0.05) / (lower + 0.05)
}

const grounds = ["ground", "surface", "sunk"]
const series = Array.from({ length: 8 }, (_, step) => `series-${step}`)
const pairs: readonly (readonly [least: number, front: readonly string[], behind: readonly string[]])[] = [
  [4.5, ["text", "text-quiet"], [...grounds, "raised", "accent-soft", "warning-soft", "bad-soft"]],
  [4.5, ["accent", "good", "warning", "bad"], [...grounds, "accent-soft", "warning-soft", "bad-soft"]],
  [4.5, ["on-accent"], ["accent", "accent-strong"]],
  [3, ["line-strong", "span-stream", "bad", ...series], ["surface", "sunk"]],
]

describe.each(Object.entries(themes))("the %s colours", (_, theme) => {
  const of = (name: string) => theme[name] ?? `no such colour: ${name}`
  test.each(pairs)("have a contrast of at least %p between %p and %p", (least, front, behind) => {
    const low = front.flatMap((over) =>
      behind
        .map((under) => ({ over, under, contrast: contrast(of(over), of(under)) }))
        .filter((pair) => !(pair.contrast >= least)),
    )
    expect(low).toEqual([])
  })
})
