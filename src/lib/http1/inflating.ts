import { type HttpAnswer, ResponseAnswer } from "./answer.ts"
import { ProtocolError } from "./response-head.ts"

const formats: Readonly<Record<string, string>> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "brotli",
  zstd: "zstd",
}

/**
 * An answer that came compressed although nobody asked for it, as if it had not. A damaged body rejects the read that meets the damage.
 * @throws ProtocolError for an encoding that nobody knows
 */
export function inflating(packed: HttpAnswer, encoding: string): HttpAnswer {
  const format = formats[encoding.toLowerCase()]
  if (format === undefined) throw new ProtocolError("the answer's content encoding is unknown")
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = await packed.read()
      if (done) controller.close()
      else controller.enqueue(value as Uint8Array<ArrayBuffer>)
    },
    cancel: () => packed.cancel(),
  })
  const body = source.pipeThrough(new DecompressionStream(format as CompressionFormat))
  return new ResponseAnswer(new Response(body, { status: packed.status, headers: [...packed.headers] as [string, string][] }))
}
