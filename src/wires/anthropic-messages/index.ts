import type { Wire } from "../../core/wire.ts"
import { decodeRequest } from "./decode-request.ts"
import { decodeResponse } from "./decode-response.ts"
import { streamDecoder } from "./decode-stream.ts"
import { encodeRequest } from "./encode-request.ts"
import { encodeResponse } from "./encode-response.ts"
import { streamEncoder } from "./encode-stream.ts"
import { decodeError, encodeError, errorFrames } from "./error.ts"
import { head } from "./head.ts"
import { paths } from "./paths.ts"
import { mark, peek, saysMore, tap } from "./tap.ts"
import { home, wireId } from "./types.ts"

/**
 * The Messages API, https://platform.claude.com/docs/en/api/messages. Features that a target may have: `mid-system` (system messages inside the
 * conversation), `thinking-budget` (thinking is asked for by budget only), `thinking-adaptive` (by effort only), `unsigned-thinking` (history
 * may hold thinking without a signature).
 */
export const anthropicMessages: Wire = {
  id: wireId,
  label: "Anthropic Messages",
  home,
  requestHeaders: ["anthropic-version", "anthropic-beta", "anthropic-user-profile-id"],
  responseHeaders: ["request-id"],
  betaHeader: "anthropic-beta",
  head,
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse, peek, mark },
  stream: { decoder: streamDecoder, encoder: streamEncoder, tap, saysMore, errorFrames },
  paths,
  error: { decode: decodeError, encode: encodeError },
}
