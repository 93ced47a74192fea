import type { Source } from "./receiver.ts"

export type Arrived = Bun.ReadableStreamDefaultReadResult<Uint8Array>

/** Header fields by their names in lower case. Several of one name are joined with commas. */
export interface HttpFields extends Iterable<readonly [name: string, value: string]> {
  get(name: string): string | null
}

/** An answer whose head is known. Its body is read once: all of it, or piece by piece. */
export interface HttpAnswer extends Source {
  readonly status: number
  readonly headers: HttpFields
  /** All of the body, where it came along with the head. */
  readonly whole?: Uint8Array | undefined
  bytes(): Promise<Uint8Array>
  /** The next piece. Rejects when the connection breaks. */
  read(): Promise<Arrived>
  /** Rejects a read that waits; nothing is lost by it. */
  interrupt(): void
  /** Lets go of what was not read. */
  cancel(): void
}

/** Reads a body into `pieces` until it ends or they hold more than `limit` bytes; whether it ended. What came before it broke off is in them too. */
export async function readUpTo(answer: HttpAnswer, limit: number, pieces: Uint8Array[]): Promise<boolean> {
  for (let size = 0; size <= limit; ) {
    const { done, value } = await answer.read()
    if (done) return true
    pieces.push(value)
    size += value.length
  }
  return false
}

/** What `fetch` answers. */
export class ResponseAnswer implements HttpAnswer {
  readonly status: number
  readonly headers: Headers
  private reader: ReadableStreamDefaultReader<Uint8Array> | undefined

  constructor(private readonly response: Response) {
    this.status = response.status
    this.headers = response.headers
  }

  bytes(): Promise<Uint8Array> {
    return this.response.bytes()
  }

  read(): Promise<Arrived> {
    this.reader ??= readerOf(this.response)
    return this.reader?.read() ?? Promise.resolve({ done: true, value: undefined })
  }

  /** A reader that lets go rejects its read; the piece that it waited for stays in the stream for the next reader. */
  interrupt(): void {
    this.reader?.releaseLock()
    this.reader = undefined
  }

  cancel(): void {
    const left = this.reader?.cancel() ?? this.response.body?.cancel()
    left?.catch(() => undefined)
  }
}

const readerOf = ({ body }: Response) => body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined
