import { type Arrived, type HttpAnswer, type HttpFields, ResponseAnswer } from "./answer.ts"
import { ProtocolError } from "./response-head.ts"

const formats: ReadonlyMap<string, string> = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
  ["br", "brotli"],
  ["zstd", "zstd"],
])

/** How to unpack what is encoded so. Undefined where it is not packed, or in no way that anybody knows: it is then read as it is. */
export const formatOf = (encoding: string | null): string | undefined =>
  encoding === null ? undefined : formats.get(encoding.toLowerCase())

/** An answer that came compressed although nobody asked for it, as if it had not. A damaged body rejects the read that meets the damage. */
export const inflating = (packed: HttpAnswer, format: string): HttpAnswer => new Inflating(packed, format)

class Inflating implements HttpAnswer {
  readonly status: number
  readonly headers: HttpFields
  private readonly inflated: ResponseAnswer
  private packedBytes = 0
  private ended = false
  /** Why the packed bytes came to their end too early. */
  private broken: { readonly reason: unknown } | undefined

  constructor(packed: HttpAnswer, format: string) {
    this.status = packed.status
    this.headers = packed.headers
    const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => this.pull(packed, controller),
      cancel: () => packed.cancel(),
    })
    this.inflated = new ResponseAnswer(new Response(source.pipeThrough(new DecompressionStream(format as CompressionFormat))))
  }

  bytes(): Promise<Uint8Array> {
    return this.explained(this.inflated.bytes(), new Uint8Array(0))
  }

  read(): Promise<Arrived> {
    return this.explained(this.inflated.read(), { done: true, value: undefined })
  }

  interrupt(): void {
    this.inflated.interrupt()
  }

  cancel(): void {
    this.inflated.cancel()
  }

  private async pull(packed: HttpAnswer, controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    try {
      const { done, value } = await packed.read()
      this.packedBytes += value?.length ?? 0
      this.ended = done
      if (done) controller.close()
      else controller.enqueue(value as Uint8Array<ArrayBuffer>)
    } catch (reason) {
      this.broken = { reason }
      throw reason
    }
  }

  /** @param nothing what is read from a body without a byte, which no format knows */
  private async explained<T>(reading: Promise<T>, nothing: T): Promise<T> {
    try {
      return await reading
    } catch {
      if (this.ended && this.packedBytes === 0) return nothing
      throw this.broken ? this.broken.reason : new ProtocolError("the answer's body cannot be unpacked")
    }
  }
}
