import type { Wire } from "../../core/wire.ts"
import { decodeRequest } from "./decode-request.ts"
import { decodeResponse } from "./decode-response.ts"
import { streamDecoder } from "./decode-stream.ts"
import { encodeRequest } from "./encode-request.ts"
import { encodeResponse } from "./encode-response.ts"
import { errorFrames, streamEncoder } from "./encode-stream.ts"
import { errors } from "./error.ts"
import { head } from "./head.ts"
import { paths } from "./paths.ts"
import { markBody, peekBody, saysMore, streamTap } from "./tap.ts"
import { home, wireId } from "./types.ts"

export { leastOutput } from "./quirks.ts"

/** The Responses API, https://platform.openai.com/docs/api-reference/responses. */
export const openaiResponses: Wire = {
  id: wireId,
  label: "OpenAI Responses",
  home,
  requestHeaders: [
    "openai-beta",
    "originator",
    "session-id",
    "session_id",
    "thread-id",
    "x-client-request-id",
    "x-codex-*",
    "idempotency-key",
  ],
  responseHeaders: [
    "openai-processing-ms",
    "openai-version",
    "openai-model",
    "x-request-id",
    "x-reasoning-included",
    "x-codex-turn-state",
  ],
  head,
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse, peek: peekBody, mark: markBody },
  stream: { decoder: streamDecoder, encoder: streamEncoder, tap: streamTap, saysMore, errorFrames },
  paths,
  error: { decode: errors.decode, encode: errors.encode },
}
