import type { Call, Slot, Slots, Trail } from "../core/call.ts"
import type { Notice } from "../core/notice.ts"
import { notices } from "../core/notice.ts"
import type { Request as HubRequest } from "../core/request.ts"
import type { Wire } from "../core/wire.ts"
import { parseJson } from "../lib/json.ts"
import { asCallerFault } from "./faults.ts"
import { readCaller, readDirections } from "./intake.ts"

export interface CallParts {
  readonly id: string
  readonly at: number
  readonly started: number
  readonly dialect: string
  readonly vendor?: string | undefined
  readonly wire: Wire
  readonly path: string
  readonly query: string
  readonly headers: Headers
  readonly address: string | undefined
  readonly body: Uint8Array
  readonly signal: AbortSignal
  readonly hangUp: () => void
}

/** One client request as a call. Reads the head of the body at once and nothing else. */
export function makeCall(parts: CallParts): Call {
  const { wire, body, vendor } = parts
  const trail = newTrail()
  let decoded: HubRequest | undefined
  let edited = false
  return {
    id: parts.id,
    at: parts.at,
    started: parts.started,
    dialect: parts.dialect,
    ...(vendor === undefined ? {} : { dialectVendor: vendor }),
    wire,
    path: parts.path,
    query: parts.query,
    headers: parts.headers,
    caller: readCaller(parts.headers, parts.address),
    directions: readDirections(parts.headers),
    body,
    head: wire.head.read(body),
    signal: parts.signal,
    hangUp: parts.hangUp,
    slots: newSlots(),
    trail,
    request() {
      decoded ??= decodeBody(wire, body, trail)
      return decoded
    },
    replace(request) {
      decoded = request
      edited = true
    },
    get edited() {
      return edited
    },
  }
}

function decodeBody(wire: Wire, body: Uint8Array, trail: Trail): HubRequest {
  try {
    return wire.request.decode(parseJson(new TextDecoder().decode(body)), trail.note)
  } catch (error) {
    throw asCallerFault(error)
  }
}

function newTrail(): Trail {
  const own = notices()
  let adopted: (() => readonly Notice[]) | undefined
  return {
    route: [],
    tries: [],
    note: own.note,
    notices: () => (adopted ? [...own.list(), ...adopted()] : own.list()),
    waitedMs: 0,
    captureLimit: 0,
    adopt(list) {
      adopted = list
    },
  }
}

function newSlots(): Slots {
  let held: Map<symbol, unknown> | undefined
  return {
    get: <T>(slot: Slot<T>) => held?.get(slot.key) as T | undefined,
    set(slot, value) {
      held ??= new Map()
      held.set(slot.key, value)
    },
  }
}
