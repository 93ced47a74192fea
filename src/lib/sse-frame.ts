/** One server-sent event, or what stands between two of them. */
export interface SseFrame {
  readonly event?: string
  /** The data lines joined by LF; empty if there is none. */
  readonly data: string
  readonly id?: string
  /** No data line, so nothing that an EventSource would dispatch: comments, blank lines, a lone `event`, `id` or `retry`. */
  readonly comment?: true
  /** The exact source bytes with the blank line at the end. */
  readonly raw: Uint8Array
}

const SPACE = 0x20
const COLON = 0x3a
const LINE_END = /\r\n|\r|\n/

/** Reads the fields of one frame. `first` is the first frame of a stream, which may begin with a byte order mark. */
export function parseFrame(raw: Uint8Array, first: boolean): SseFrame {
  const marked = first && raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf
  const source = Buffer.prototype.utf8Slice.call(raw, marked ? 3 : 0, raw.length)
  const text = source.includes("\r") ? source.replace(/\r\n?/g, "\n") : source
  const frame: { -readonly [Key in keyof SseFrame]: SseFrame[Key] } = { data: "", raw }
  let dispatched = false
  for (let at = 0, end = 0; at < text.length; at = end + 1) {
    end = text.indexOf("\n", at)
    if (end < 0) end = text.length
    const data = fieldValue("data", text, at, end)
    if (data !== undefined) {
      frame.data = dispatched ? `${frame.data}\n${data}` : data
      dispatched = true
      continue
    }
    const event = fieldValue("event", text, at, end)
    if (event !== undefined) frame.event = event
    const id = fieldValue("id", text, at, end)
    if (id !== undefined && !id.includes("\0")) frame.id = id
  }
  if (!dispatched) frame.comment = true
  return frame
}

/** The value if the line from `at` to `end` is this field; a line without a colon is a field with an empty value. */
function fieldValue(field: string, text: string, at: number, end: number): string | undefined {
  if (!text.startsWith(field, at)) return undefined
  const colon = at + field.length
  if (colon === end) return ""
  if (text.charCodeAt(colon) !== COLON) return undefined
  return text.slice(text.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1, end)
}

/** Writes one event; line breaks in `data` become several data lines, those in `event` and `id` spaces. */
export function encodeSse({
  event,
  data,
  id,
}: {
  readonly event?: string
  readonly data: string
  readonly id?: string
}): Uint8Array {
  let text = ""
  if (event !== undefined) text += `event: ${oneLine(event)}\n`
  if (id !== undefined) text += `id: ${oneLine(id)}\n`
  return Buffer.from(`${text}${prefixed("data: ", data)}\n`)
}

/** A comment frame, which readers skip: a keep-alive. */
export function sseComment(text: string): Uint8Array {
  return Buffer.from(`${prefixed(": ", text)}\n`)
}

function prefixed(prefix: string, text: string): string {
  if (!text.includes("\n") && !text.includes("\r")) return `${prefix}${text}\n`
  return text
    .split(LINE_END)
    .map((line) => `${prefix}${line}\n`)
    .join("")
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, " ")
}
