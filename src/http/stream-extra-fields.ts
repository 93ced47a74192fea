import type { Call } from "../core/call.ts"
import { stringifyJson } from "../lib/json.ts"
import { JsonScanError, scanTopLevel, splice } from "../lib/json-splice.ts"
import { encodeSse, type SseFrame, sseDecoder } from "../lib/sse.ts"
import { extraFields, extraFieldsKey } from "./extra-fields.ts"

const maxFrameBytes = 64 * 1024 * 1024

/**
 * A stream whose last chunk has the gateway's own `extra_fields`, with that chunk's `chunk_index`. All else goes through as it comes; only what follows the
 * stop waits, each frame for the next, since none says that it is the last. A stream that breaks has none.
 */
export async function* withStreamExtraFields(
  call: Call,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = sseDecoder({ maxFrameBytes })
  const tap = call.wire.stream.tap()
  let chunks = 0
  let stopped = false
  let held: SseFrame | undefined

  function* pass(frame: SseFrame): Generator<Uint8Array> {
    if (!frame.data.startsWith("{")) {
      // `[DONE]` comes after the last chunk, a comment anywhere
      if (held && !frame.comment) yield* last()
      yield frame.raw
      return
    }
    if (held) yield held.raw
    held = undefined
    chunks += 1
    const marks = tap.push(frame)
    stopped = !marks.some(({ error }) => error) && (stopped || marks.some(({ stop, end }) => stop ?? end))
    if (stopped) held = frame
    else yield frame.raw
  }

  function* last(): Generator<Uint8Array> {
    if (held) yield extended(held, call, chunks - 1)
    held = undefined
  }

  for await (const piece of body) for (const frame of decoder.push(piece)) yield* pass(frame)
  for (const frame of decoder.flush()) yield* pass(frame)
  yield* last()
}

function extended(frame: SseFrame, call: Call, chunkIndex: number): Uint8Array {
  const data = Buffer.from(frame.data)
  try {
    const value = stringifyJson({ ...extraFields(call), chunk_index: chunkIndex })
    const made = splice(data, scanTopLevel(data, [extraFieldsKey]), { set: { [extraFieldsKey]: value } })
    return encodeSse({ ...frame, data: Buffer.from(made).toString() })
  } catch (error) {
    if (error instanceof JsonScanError) return frame.raw
    throw error
  }
}
