import { blameOf, type GatewayError, GatewayFault, kindOfStatus } from "../core/error.ts"
import { upstreamRequestId } from "./headers.ts"
import { capture, type Try } from "./try.ts"

const bodyLimit = 65_536

/** Reads an upstream's error answer into a fault, in the terms of its own wire. */
export async function refusal(trying: Try, response: Response): Promise<GatewayFault> {
  const { plan, provider, call } = trying
  const id = upstreamRequestId(response.headers)
  if (id !== undefined) trying.upstreamId = id
  trying.watch.waiting = performance.now()
  const bytes = await readStart(response, bodyLimit)
  trying.waited()
  capture(call, "upstream-response", plan.route.wire.id, response.headers.get("content-type") ?? "", bytes)
  const body = new TextDecoder().decode(bytes)
  const error =
    response.status < 400 ? notAnAnswer(response.status) : plan.route.wire.error.decode(response.status, body, response.headers)
  const contentType = response.headers.get("content-type") ?? ""
  return new GatewayFault({
    ...error,
    upstream: {
      ...error.upstream,
      provider: provider.id,
      status: response.status,
      wire: plan.route.wire.id,
      contentType,
      ...(plan.relayAnswer ? { body } : {}),
      ...(id === undefined ? {} : { requestId: id }),
    },
  })
}

function notAnAnswer(status: number): GatewayError {
  const kind = kindOfStatus(status)
  return {
    kind,
    blame: blameOf(kind),
    message: `the upstream answered with status ${status}, which is no answer to a model call`,
  }
}

/** At most `limit` bytes; the rest is left unread and the connection with it. */
async function readStart(response: Response, limit: number): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array(0)
  const pieces: Uint8Array[] = []
  let size = 0
  const reader = response.body.getReader()
  while (size < limit) {
    const { done, value } = await reader.read()
    if (done) break
    pieces.push(value)
    size += value.length
  }
  if (size >= limit) await reader.cancel()
  return Buffer.concat(pieces).subarray(0, limit)
}
