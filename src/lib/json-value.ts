/** Any JSON value; a {@link RawJson} stands for a value whose source text has to survive. */
export type Json = null | boolean | number | string | RawJson | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

interface Recorder {
  /** Drawn anew for each text that needs one, so no data can ever have seen it. */
  mark: string
  readonly texts: string[]
}

let recorder: Recorder | undefined

/**
 * The source text of one JSON value, written out as it is. The text must be valid JSON: whoever constructs one vouches for it.
 * It is a class so that no parsed data can pass for one. Plain `JSON.stringify` writes the value it spells, with JavaScript's precision.
 * `structuredClone` makes a plain object of it: between threads send text.
 */
export class RawJson {
  readonly rawJson: string

  constructor(rawJson: string) {
    this.rawJson = rawJson
  }

  toJSON(): unknown {
    if (recorder === undefined) return JSON.parse(this.rawJson)
    recorder.mark ||= `${crypto.randomUUID()}/`
    return recorder.mark + (recorder.texts.push(this.rawJson) - 1)
  }
}

/** `JSON.stringify`, but every {@link RawJson} is written verbatim. Members that are `undefined` are left out. */
export function stringifyJson(value: Json): string {
  const outer = recorder
  const inner: Recorder = { mark: "", texts: [] }
  recorder = inner
  try {
    const text = JSON.stringify(value)
    return inner.texts.length === 0 ? text : fill(text, inner)
  } finally {
    recorder = outer
  }
}

function fill(text: string, { mark, texts }: Recorder): string {
  const quoted = `"${mark}`
  let filled = ""
  let from = 0
  for (let start = text.indexOf(quoted); start >= 0; start = text.indexOf(quoted, from)) {
    const end = text.indexOf('"', start + quoted.length)
    filled += text.slice(from, start) + (texts[Number(text.slice(start + quoted.length, end))] ?? "null")
    from = end + 1
  }
  return filled + text.slice(from)
}
