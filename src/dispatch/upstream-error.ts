import { blameOf, type GatewayError, GatewayFault, kindOfStatus } from "../core/error.ts"
import type { Wire } from "../core/wire.ts"
import { type HttpAnswer, type HttpFields, readUpTo } from "../lib/http1/answer.ts"
import { utf8Text } from "../lib/utf8.ts"
import { upstreamRequestId } from "./headers.ts"
import { capture, type Try } from "./try.ts"

const bodyLimit = 65_536

/** Reads an upstream's error answer into a fault, in the terms of its own wire. */
export async function refusal(trying: Try, response: HttpAnswer): Promise<GatewayFault> {
  const { plan, provider, call } = trying
  const id = upstreamRequestId(response.headers)
  if (id !== undefined) trying.upstreamId = id
  trying.watch.waiting = performance.now()
  const bytes = await readStart(response, bodyLimit, trying)
  trying.waited()
  capture(call, "upstream-response", plan.route.wire.id, response.headers.get("content-type") ?? "", bytes)
  const body = utf8Text(bytes)
  const { status } = response
  if (status < 400 || status > 599) return new GatewayFault(notAnAnswer(status, provider.id))
  const error = decoded(plan.route.wire, status, body, response.headers)
  const contentType = response.headers.get("content-type") ?? ""
  return new GatewayFault({
    ...error,
    upstream: {
      ...error.upstream,
      provider: provider.id,
      status,
      wire: plan.route.wire.id,
      contentType,
      ...(plan.relayAnswer ? { body } : {}),
      ...(id === undefined ? {} : { requestId: id }),
    },
  })
}

/** Where the body is too much to be read, what the status says. */
function decoded({ error }: Wire, status: number, body: string, headers: HttpFields): GatewayError {
  try {
    return error.decode(status, body, headers)
  } catch {
    return error.decode(status, "", headers)
  }
}

/** A status that no error has, and that no answer of ours may have. */
function notAnAnswer(status: number, provider: string): GatewayError {
  const kind = kindOfStatus(status)
  const message = `the upstream answered with status ${status}, which is no answer to a model call`
  return { kind, blame: blameOf(kind), message, upstream: { provider } }
}

/** At most `limit` bytes; the rest is left unread and the connection with it. Where it breaks off, what came: the status alone says what to do. */
async function readStart(response: HttpAnswer, limit: number, trying: Try): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  try {
    await readUpTo(response, limit, pieces)
  } catch (error) {
    if (trying.stopped !== undefined) throw error
  }
  response.cancel()
  return Buffer.concat(pieces).subarray(0, limit)
}
