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

const LINE_END = /\r\n|\r|\n/

/** Reads the fields of one frame. `first` is the first frame of a stream, which may begin with a byte order mark. */
export function parseFrame(raw: Uint8Array, first: boolean): SseFrame {
  const marked = first && raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString("utf8", marked ? 3 : 0)
  let event: string | undefined
  let data: string | undefined
  let id: string | undefined
  for (const line of text.split(text.includes("\r") ? LINE_END : "\n")) {
    if (line === "" || line.startsWith(":")) continue
    const colon = line.indexOf(":")
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1)
    if (field === "data") data = data === undefined ? value : `${data}\n${value}`
    else if (field === "event") event = value
    else if (field === "id" && !value.includes("\0")) id = value
  }
  return {
    ...(event === undefined ? undefined : { event }),
    data: data ?? "",
    ...(id === undefined ? undefined : { id }),
    ...(data === undefined ? { comment: true as const } : undefined),
    raw,
  }
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
