const columns = 80

/** A text in lines of at most 80 columns; those after the first are indented by so many. A word that is longer has a line of its own; several spaces in a row stay. */
export function wrapped(text: string, indent: number): string {
  const lines: string[] = []
  let line = ""
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = " ".repeat(indent) + word
    } else line = line === "" ? word : `${line} ${word}`
  }
  return [...lines, line].join("\n")
}
