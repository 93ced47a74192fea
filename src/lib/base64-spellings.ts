/**
 * What a text becomes in base64, whatever stands before and after it there, as in `name:password`: the characters that are its own alone, in
 * both alphabets. One for each place that it can have in a group of three bytes.
 */
export function base64Spellings(text: string): readonly string[] {
  const bytes = Buffer.from(text)
  const spelled = new Set<string>()
  for (let before = 0; before < 3; before++) {
    const whole = Buffer.concat([Buffer.alloc(before), bytes])
    const own = whole.toString("base64").slice(Math.ceil((before * 8) / 6), Math.floor((whole.length * 8) / 6))
    spelled.add(own)
    spelled.add(own.replaceAll("+", "-").replaceAll("/", "_"))
  }
  return [...spelled]
}
