import type { Server } from "bun"
import type { Call, Reply } from "../core/call.ts"
import { GatewayFault } from "../core/error.ts"
import type { RefusedRequest } from "../core/record.ts"
import type { Registry } from "../core/registry.ts"
import type { Wire } from "../core/wire.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { answer, answerError } from "./answer.ts"
import type { BodyLimits, BodyReader, HeldBody } from "./body.ts"
import type { DoorRules } from "./doors.ts"
import { asCallerFault, asFault } from "./faults.ts"
import { makeCall } from "./make-call.ts"
import { type Awaited, patience } from "./patience.ts"

export interface InferenceOptions {
  dispatch(call: Call, registry: Registry): Promise<Reply>
  registry(): Registry
  limits(): BodyLimits
  readonly bodies: BodyReader
  redact(text: string): string
  doors(): DoorRules
  /** Set while the gateway takes no new calls. */
  draining(): boolean
  /** A call that could be read begins … */
  begin(call: Call): void
  /** … and its answer's head is known: a reply that goes on by itself, or an error. Once for each that began. */
  end(call: Call, status: number, reply: Reply | undefined, error: GatewayFault | undefined): void
  /** A request that never became a call was answered with an error. */
  refused(request: RefusedRequest): void
}

const waits = patience()

/** The handler of one inference endpoint at one path: a request of its wire in, an answer or an error of the same wire out. */
export function inferenceHandler(dialect: Dialect, wire: Wire, path: string, options: InferenceOptions) {
  return async (request: Request, server: Server<unknown> | null): Promise<Response> => {
    const started = performance.now()
    const id = requestId(request.headers)
    let call: Call | undefined
    let awaited: Awaited | undefined
    try {
      if (options.draining()) throw draining()
      const held = await options.bodies.read(request, options.limits())
      try {
        call = makeCall({
          id,
          at: Date.now(),
          started,
          dialect,
          wire,
          path,
          request,
          server,
          adminToken: options.doors().admin?.token,
          body: held.bytes,
        })
        options.begin(call)
        if (server) awaited = waits.begin(request, server, started)
        const reply = await options.dispatch(call, options.registry())
        if (reply.outcome) held.release()
        else releaseAfter(reply, held)
        const response = answer(call, reply)
        options.end(call, reply.status, reply, undefined)
        if (reply.outcome && !isKept(call)) held.discard()
        if (awaited) waits.answered(awaited, !(reply.body instanceof Uint8Array))
        return response
      } catch (error) {
        held.release()
        throw error
      }
    } catch (error) {
      if (awaited) waits.answered(awaited, false)
      const failed = call ? asFault(error) : asCallerFault(error)
      const response = answerError(wire, failed.error, { redact: options.redact, call, id })
      if (call) options.end(call, response.status, undefined, failed)
      else
        options.refused(
          refusedRequest(request, server, {
            id,
            started,
            dialect: dialect.id,
            wire: wire.id,
            path,
            status: response.status,
            failed,
          }),
        )
      return response
    }
  }
}

/** Whether somebody goes on holding the call's body when its answer is complete. */
const isKept = ({ trail }: Call): boolean => trail.capture !== undefined || trail.raw !== undefined

function releaseAfter(reply: Reply, held: HeldBody): void {
  void reply.settled.then(() => held.release())
}

interface Refusal {
  readonly id: string
  readonly started: number
  readonly dialect: string
  readonly wire: string
  readonly path: string
  readonly status: number
  readonly failed: GatewayFault
}

function refusedRequest(request: Request, server: Server<unknown> | null, refusal: Refusal): RefusedRequest {
  const { started, failed, ...known } = refusal
  const durationMs = performance.now() - started
  const { kind, blame, message } = failed.error
  const caller = server?.requestIP(request)?.address
  const userAgent = request.headers.get("user-agent")?.slice(0, 200)
  return {
    ...known,
    at: Date.now() - Math.round(durationMs),
    durationMs,
    error: { kind, blame, message },
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(caller === undefined ? {} : { caller }),
  }
}

const draining = () =>
  new GatewayFault({ kind: "draining", blame: "gateway", message: "the gateway is shutting down", retryAfterMs: 1_000 })

const plainId = /^[\w.:-]{1,128}$/

/** The caller's own id when it is short and plain, else a new one. */
function requestId(headers: Headers): string {
  const given = headers.get("x-request-id")
  return given !== null && plainId.test(given) ? given : Bun.randomUUIDv7()
}
