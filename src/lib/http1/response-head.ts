/** The other side does not speak HTTP/1.1 as RFC 9112 has it. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError"
  readonly code = "EPROTO"
}

/** How long a body is: a number of bytes, in chunks that end by themselves, or until the connection closes. */
export type BodyLength = number | "chunked" | "until-close"

/** Status line and fields of an answer (RFC 9112 §4 and §5), read by whoever asks for one. */
export class ResponseHead {
  readonly status: number
  private readonly text: string
  private readonly lower: string
  /** Where each field's line begins. */
  private readonly lines: number[] = []

  /** @param text from the status line to the last field, each line with its end. @throws ProtocolError */
  constructor(text: string) {
    this.text = wellFormed.test(text) ? text : repaired(text)
    this.lower = this.text.toLowerCase()
    this.status = Number(this.text.slice(9, 12))
    const end = this.text.length
    for (let at = this.text.indexOf("\n") + 1; at < end; at = this.text.indexOf("\n", at) + 1) this.lines.push(at)
    if (this.lines.length > mostFields) throw new ProtocolError("the answer has too many header fields")
  }

  /** The value of a field by its name in lower case; several of one name are joined by commas. */
  get(name: string): string | null {
    const { lower, lines } = this
    let value: string | null = null
    for (let n = 0; n < lines.length; n += 1) {
      const at = lines[n] ?? 0
      const colon = at + name.length
      if (lower.charCodeAt(colon) !== 0x3a || !lower.startsWith(name, at)) continue
      const found = this.valueFrom(colon + 1)
      value = value === null ? found : `${value}, ${found}`
    }
    return value
  }

  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    const names = new Set(this.lines.map((at) => this.lower.slice(at, this.text.indexOf(":", at))))
    for (const name of names) yield [name, this.get(name) ?? ""]
  }

  /** Blanks around a value are no part of it; whatever else looks like one is. */
  private valueFrom(start: number): string {
    const { text } = this
    let from = start
    let end = text.indexOf("\r", from)
    while (isBlank(text.charCodeAt(from))) from += 1
    while (end > from && isBlank(text.charCodeAt(end - 1))) end -= 1
    return text.slice(from, end)
  }

  get hasBody(): boolean {
    return this.status !== 204 && this.status !== 304
  }

  /** RFC 9112 §6.3. @throws ProtocolError where two readers could disagree */
  bodyLength(): BodyLength {
    if (!this.hasBody) return 0
    const coding = this.get("transfer-encoding")?.toLowerCase()
    if (coding === "chunked") return "chunked"
    // once a way to say that there is none (RFC 2616 §3.6)
    if (coding !== undefined && coding !== "identity")
      throw new ProtocolError("the answer has a transfer coding other than chunked")
    const length = this.get("content-length")
    if (length === null) return "until-close"
    if (digits.test(length)) return Number(length)
    const [first = "", ...rest] = length.split(listComma)
    if (digits.test(first) && rest.every((other) => other === first)) return Number(first)
    throw new ProtocolError("the answer's content-length is not a number")
  }

  /**
   * Whether the connection may carry another request once the body is complete. Not where another reader could see another end of it
   * (RFC 9112 §6.1 and §6.3).
   */
  keepsAlive(): boolean {
    const old = this.text.startsWith("HTTP/1.0")
    const coding = this.get("transfer-encoding")
    if (coding !== null && (old || this.get("content-length") !== null)) return false
    const options = this.get("connection")?.toLowerCase()
    if (options === undefined) return !old
    return !options.includes("close") && (!old || options.includes("keep-alive"))
  }

  /** For how many milliseconds the server says that it holds an idle connection; undefined where it does not. */
  idleMs(): number | undefined {
    const said = this.get("keep-alive")
    const seconds = said === null ? undefined : idleSeconds.exec(said)?.[1]
    return seconds === undefined ? undefined : Number(seconds) * 1_000
  }
}

const mostFields = 1_000
const isBlank = (character: number): boolean => character === 0x20 || character === 0x09
const listComma = /[ \t]*,[ \t]*/
const digits = /^\d{1,15}$/
const idleSeconds = /timeout=(\d{1,6})/i
const wellFormed = /^HTTP\/1\.[01] [1-9]\d\d(?: [^\r\n]*)?\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/

/** Lines that end in a bare newline, and values folded over several lines (RFC 9112 §2.2 and §5.2), are understood. */
function repaired(head: string): string {
  const text = head.replace(/\r?\n/g, "\r\n").replace(/(?:\r\n[ \t]+)+/g, " ")
  if (!text.startsWith(firstWord)) throw noStatusLine()
  if (!wellFormed.test(text)) throw new ProtocolError("the answer's header fields are malformed")
  return text
}

const noStatusLine = () => new ProtocolError("the answer does not begin with an HTTP status line")

export interface HeadBytes {
  readonly text: string
  /** Where the body begins. */
  readonly end: number
}

const headEnd = Buffer.from("\r\n\r\n")
const bareHeadEnd = /\n\r?\n/
const firstWord = "HTTP/1."

/** The head that the bytes begin with; undefined while it goes on. @throws ProtocolError as soon as it cannot become one */
export function headOf(bytes: Buffer): HeadBytes | undefined {
  const at = bytes.indexOf(headEnd)
  const text = bytes.toString("latin1", 0, at < 0 ? bytes.length : at + 2)
  if (at >= 0 && !text.includes("\n\n") && !text.includes("\n\r\n")) return { text, end: at + 4 }
  const bare = bareHeadEnd.exec(text)
  if (bare) return { text: text.slice(0, bare.index + 1), end: bare.index + bare[0].length }
  if (!firstWord.startsWith(text.slice(0, firstWord.length))) throw noStatusLine()
  return undefined
}
