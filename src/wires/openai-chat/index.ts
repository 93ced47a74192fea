import type { Wire } from "../../core/wire.ts"
import { errorFrames } from "./chunks.ts"
import { decodeRequest } from "./decode-request.ts"
import { decodeResponse } from "./decode-response.ts"
import { streamDecoder } from "./decode-stream.ts"
import { encodeRequest } from "./encode-request.ts"
import { encodeResponse } from "./encode-response.ts"
import { hide, streamEncoder } from "./encode-stream.ts"
import { errors } from "./error.ts"
import { head } from "./head.ts"
import { paths } from "./paths.ts"
import { mark, peek, saysMore, streamTap } from "./tap.ts"
import { wireId } from "./types.ts"

export * as quirks from "./quirks.ts"

/** Chat Completions. It has no home issuer: the format is spoken by many, and none of them signs it. */
export const openaiChat: Wire = {
  id: wireId,
  label: "Chat Completions",
  // not the account's own: openai-organization and openai-project are refused beside a key of another account
  requestHeaders: ["openai-beta", "x-client-request-id", "http-referer", "x-title"],
  responseHeaders: ["openai-model", "openai-processing-ms", "openai-version", "x-request-id"],
  head,
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse, peek, mark },
  stream: { decoder: streamDecoder, encoder: streamEncoder, tap: streamTap, saysMore, hide, errorFrames },
  paths,
  error: { decode: errors.decode, encode: errors.encode },
}
