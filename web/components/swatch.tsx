const steps = 8
/** Of all small ones the first under which the best known names get a colour each. */
const seed = 74

/** The same place in the eight-step palette for the same name, on every page and in every session. */
export function paletteStep(name: string): number {
  let hash = seed
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return ((hash ^ (hash >>> 15)) >>> 0) % steps
}

/** A small square in a name's own colour, beside the name. */
export const Swatch = ({ name }: { readonly name: string }) => (
  <span class={`swatch swatch-${paletteStep(name)}`} aria-hidden="true" />
)
