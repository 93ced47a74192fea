import type { Server } from "bun"
import type { Call, Caller, Directions, Slot, Slots } from "../core/call.ts"
import { inCallersWords } from "../core/notice-path.ts"
import type { Request as HubRequest } from "../core/request.ts"
import type { Head, Wire } from "../core/wire.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { parseJson } from "../lib/json.ts"
import { utf8Text } from "../lib/utf8.ts"
import { asCallerFault } from "./faults.ts"
import { callerOf, type Intake, readIntake } from "./intake.ts"
import { CallTrail } from "./trail.ts"

export interface CallParts {
  readonly id: string
  readonly at: number
  readonly started: number
  readonly dialect: Dialect
  readonly wire: Wire
  readonly path: string
  readonly request: Request
  readonly server: Server<unknown> | null
  readonly adminToken: string | undefined
  readonly body: Uint8Array
}

/** One client request as a call. Reads the head of the body at once and nothing else: the rest is read by whoever asks for it. */
export const makeCall = (parts: CallParts): Call => new ClientCall(parts)

class ClientCall implements Call {
  readonly id: string
  readonly at: number
  readonly started: number
  readonly dialect: string
  readonly dialectVendor?: string
  readonly wire: Wire
  readonly path: string
  readonly query: string
  readonly headers: Headers
  readonly directions: Directions
  readonly body: Uint8Array
  readonly bodyBytes: number
  readonly head: Head
  readonly slots: Slots = new CallSlots()
  readonly trail = new CallTrail()
  edited = false
  private readonly parts: CallParts
  private readonly intake: Intake
  private known: Caller | undefined
  private decoded: HubRequest | undefined

  constructor(parts: CallParts) {
    const { wire, body, request, dialect } = parts
    const { headers } = request
    this.parts = parts
    this.id = parts.id
    this.at = parts.at
    this.started = parts.started
    this.dialect = dialect.id
    if (dialect.vendor !== undefined) this.dialectVendor = dialect.vendor
    this.wire = wire
    this.path = parts.path
    this.query = queryOf(request.url)
    this.headers = headers
    this.intake = readIntake(headers)
    this.directions = this.intake.directions
    this.body = body
    this.bodyBytes = body.length
    this.head = wire.head.read(body)
  }

  /** Made by the runtime when it is asked for, and then aborted already if the client is gone: most calls are over before anybody asks. */
  get signal(): AbortSignal {
    return this.parts.request.signal
  }

  get caller(): Caller {
    this.known ??= this.readCaller()
    return this.known
  }

  hangUp(): void {
    this.parts.server?.timeout(this.parts.request, 1)
  }

  request(): HubRequest {
    this.decoded ??= this.decode()
    return this.decoded
  }

  replace(request: HubRequest): void {
    this.decoded = request
    this.edited = true
  }

  private readCaller(): Caller {
    const { request, server, adminToken } = this.parts
    return callerOf(this.intake, () => addressOf(request, server), adminToken)
  }

  private decode(): HubRequest {
    try {
      const note = inCallersWords(this.trail.note, this.wire.paths)
      return this.wire.request.decode(parseJson(utf8Text(this.body)), note)
    } catch (error) {
      throw asCallerFault(error)
    }
  }
}

/** To ask the system costs a hundredth of a call, and who listens to this machine alone knows the answer. */
function addressOf(request: Request, server: Server<unknown> | null): string | undefined {
  if (!server) return undefined
  const { hostname } = server
  return hostname === "127.0.0.1" || hostname === "::1" ? hostname : server.requestIP(request)?.address
}

/** With its question mark, or empty. */
function queryOf(url: string): string {
  const mark = url.indexOf("?")
  return mark < 0 ? "" : url.slice(mark)
}

class CallSlots implements Slots {
  private held: Map<symbol, unknown> | undefined

  get<T>(slot: Slot<T>): T | undefined {
    return this.held?.get(slot.key) as T | undefined
  }

  set<T>(slot: Slot<T>, value: T): void {
    this.held ??= new Map()
    this.held.set(slot.key, value)
  }
}
