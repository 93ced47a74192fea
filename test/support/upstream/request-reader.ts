/** An HTTP/1.1 request as read from a connection. */
export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  readonly body: Uint8Array
}

type Phase = { at: "head" } | { at: "length"; head: Head; length: number } | { at: "chunks"; head: Head; parts: Uint8Array[] }

interface Head {
  readonly method: string
  readonly path: string
  readonly headers: Headers
}

const headEnd = Buffer.from("\r\n\r\n")
const lineEnd = Buffer.from("\r\n")

/**
 * Cuts a byte stream into requests. It trusts its peer (our own gateway), so it knows content-length and chunked bodies, trailers ignored,
 * and nothing else. `onExpect` is called when the peer waits for `100 Continue`.
 */
export function requestReader(onExpect: () => void): { push(bytes: Uint8Array): readonly RawRequest[] } {
  let held: Buffer = Buffer.alloc(0)
  let phase: Phase = { at: "head" }

  const take = (count: number): Buffer => {
    const taken = held.subarray(0, count)
    held = held.subarray(count)
    return taken
  }

  const finish = (head: Head, body: Uint8Array): RawRequest => {
    phase = { at: "head" }
    return { ...head, body: Uint8Array.from(body) }
  }

  const readHead = (): RawRequest | "more" | "next" => {
    const end = held.indexOf(headEnd)
    if (end < 0) return "more"
    const head = parseHead(take(end + headEnd.length).toString("latin1"))
    if (head.headers.get("expect")?.toLowerCase() === "100-continue") onExpect()
    if (head.headers.get("transfer-encoding")?.toLowerCase().includes("chunked")) {
      phase = { at: "chunks", head, parts: [] }
      return "next"
    }
    const length = Number(head.headers.get("content-length") ?? 0)
    if (length === 0) return finish(head, new Uint8Array())
    phase = { at: "length", head, length }
    return "next"
  }

  const readChunk = (head: Head, parts: Uint8Array[]): RawRequest | "more" | "next" => {
    const end = held.indexOf(lineEnd)
    if (end < 0) return "more"
    const size = Number.parseInt(held.subarray(0, end).toString("latin1"), 16)
    if (held.length < end + 2 + size + 2) return "more"
    take(end + 2)
    parts.push(Uint8Array.from(take(size)))
    take(2)
    return size === 0 ? finish(head, Buffer.concat(parts)) : "next"
  }

  const step = (): RawRequest | "more" | "next" => {
    switch (phase.at) {
      case "head":
        return readHead()
      case "length":
        return held.length < phase.length ? "more" : finish(phase.head, take(phase.length))
      case "chunks":
        return readChunk(phase.head, phase.parts)
    }
  }

  return {
    push(bytes) {
      held = held.length === 0 ? Buffer.from(bytes) : Buffer.concat([held, bytes])
      const requests: RawRequest[] = []
      for (;;) {
        const outcome = step()
        if (outcome === "more") return requests
        if (outcome !== "next") requests.push(outcome)
      }
    },
  }
}

function parseHead(text: string): Head {
  const [first = "", ...lines] = text.slice(0, -headEnd.length).split("\r\n")
  const [method = "", path = ""] = first.split(" ")
  const headers = new Headers()
  for (const line of lines) {
    const colon = line.indexOf(":")
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  return { method, path, headers }
}
