import type { GatewayError } from "../../src/core/error.ts"
import type { Frame, Machine, Step } from "../../src/core/event.ts"
import type { Exchange } from "../../src/core/exchange.ts"
import { fresh } from "../../src/core/node.ts"
import type { Response } from "../../src/core/response.ts"
import type { Wire } from "../../src/core/wire.ts"
import type { Json } from "../../src/lib/json.ts"
import type { Law } from "./law.ts"
import { accounting } from "./laws/accounting.ts"
import { canary } from "./laws/canary.ts"
import { errors } from "./laws/errors.ts"
import { exactText } from "./laws/exact-text.ts"
import { fold } from "./laws/fold.ts"
import { identity } from "./laws/identity.ts"
import { lifecycle } from "./laws/lifecycle.ts"
import { locality } from "./laws/locality.ts"
import { money } from "./laws/money.ts"
import { seals } from "./laws/seals.ts"
import { semantics } from "./laws/semantics.ts"
import { totality } from "./laws/totality.ts"
import { truncation } from "./laws/truncation.ts"

/** A wire with one defect, and the law that must notice it. */
export interface Mutant {
  readonly defect: string
  readonly law: Law
  /** Where the defect can show; any wire when absent. */
  readonly only?: string
  /** The defect is in the wires at the other end. */
  readonly others?: true
  damage(wire: Wire): Wire
}

const silent = (exchange: Exchange): Exchange => ({ ...exchange, note: () => {} })

const requestWith = (wire: Wire, encode: Wire["request"]["encode"]): Wire => ({ ...wire, request: { ...wire.request, encode } })
const responseWith = (wire: Wire, response: Partial<Wire["response"]>): Wire => ({
  ...wire,
  response: { ...wire.response, ...response },
})
const streamWith = (wire: Wire, stream: Partial<Wire["stream"]>): Wire => ({ ...wire, stream: { ...wire.stream, ...stream } })

function mapped<In, Out>(machine: Machine<In, Out>, change: (out: readonly Out[]) => readonly Out[]): Machine<In, Out> {
  return { push: (input) => change(machine.push(input)), flush: (end) => change(machine.flush(end)) }
}

const withoutSeals = (response: Response): Response => ({
  ...response,
  candidates: response.candidates.map((candidate) => ({
    ...candidate,
    messages: candidate.messages.map((message) => ({
      ...message,
      blocks: message.blocks.map(({ seal: _, ...block }) => block as (typeof message.blocks)[number]),
    })),
  })),
})

const isDelta = (step: Step): boolean => step.events.some((event) => event.type === "block-delta")

/** Drops every second piece of content. */
function halved(machine: Machine<Step, Frame>): Machine<Step, Frame> {
  let count = 0
  return { push: (step) => (isDelta(step) && count++ % 2 === 1 ? [] : machine.push(step)), flush: (end) => machine.flush(end) }
}

const neverTruncated = (step: Step): Step => ({
  ...step,
  events: step.events.map((event) =>
    event.type === "error" && event.error.kind === "truncated" ? { type: "response-end" } : event,
  ),
})

const endless = (step: Step): Step => ({ ...step, events: step.events.filter((event) => event.type !== "block-end") })

/** Frames that repeat content go out as they came, whatever was edited. */
const unaware = ({ restates: _, ...step }: Step): Step => step

const rounded = (body: Json): Json => JSON.parse(JSON.stringify(body))

const blind = (error: GatewayError): GatewayError => ({ ...error, kind: "invalid-request", blame: "request" })

export const mutants: readonly Mutant[] = [
  {
    defect: "a request encoder that forgets the ride-along",
    law: identity,
    damage: (wire) => requestWith(wire, (request, exchange) => wire.request.encode(fresh(request), exchange)),
  },
  {
    defect: "a stream encoder that builds every frame anew",
    law: identity,
    damage: (wire) =>
      streamWith(wire, {
        encoder(exchange) {
          const machine = wire.stream.encoder(exchange)
          return { push: ({ events }) => machine.push({ events }), flush: (end) => machine.flush(end) }
        },
      }),
  },
  {
    defect: "a response encoder that leaves out the stop",
    law: semantics,
    damage: (wire) =>
      responseWith(wire, {
        encode: (response, exchange) =>
          wire.response.encode(
            { ...response, candidates: response.candidates.map((one) => ({ ...one, stop: { reason: "other", raw: "other" } })) },
            exchange,
          ),
      }),
  },
  {
    defect: "a stream encoder that loses deltas",
    law: fold,
    damage: (wire) => streamWith(wire, { encoder: (exchange) => halved(wire.stream.encoder(exchange)) }),
  },
  {
    defect: "a decoder that never ends a block",
    law: lifecycle,
    damage: (wire) =>
      streamWith(wire, { decoder: (exchange) => mapped(wire.stream.decoder(exchange), (steps) => steps.map(endless)) }),
  },
  {
    defect: "a request encoder that drops unknown fields",
    law: totality,
    damage: (wire) => requestWith(wire, (request, exchange) => wire.request.encode(fresh(request), exchange)),
  },
  {
    defect: "an encoder that tells nothing",
    law: accounting,
    others: true,
    damage: (wire) => requestWith(wire, (request, exchange) => wire.request.encode(request, silent(exchange))),
  },
  {
    defect: "an error decoder that blames the request",
    law: errors,
    damage: (wire) => ({ ...wire, error: { ...wire.error, decode: (...answer) => blind(wire.error.decode(...answer)) } }),
  },
  {
    defect: "a decoder that takes a cut for the end",
    law: truncation,
    damage: (wire) =>
      streamWith(wire, { decoder: (exchange) => mapped(wire.stream.decoder(exchange), (steps) => steps.map(neverTruncated)) }),
  },
  {
    defect: "a request encoder that rebuilds what stands beside an edit",
    law: locality,
    damage: (wire) =>
      requestWith(wire, (request, exchange) => wire.request.encode({ ...request, messages: fresh(request.messages) }, exchange)),
  },
  {
    defect: "a decoder that does not say what a frame repeats",
    law: canary,
    only: "openai-responses",
    damage: (wire) =>
      streamWith(wire, { decoder: (exchange) => mapped(wire.stream.decoder(exchange), (steps) => steps.map(unaware)) }),
  },
  {
    defect: "a response encoder that leaves out seals",
    law: seals,
    only: "anthropic-messages",
    damage: (wire) =>
      responseWith(wire, { encode: (response, exchange) => wire.response.encode(withoutSeals(response), exchange) }),
  },
  {
    defect: "an encoder that prints numbers anew",
    law: exactText,
    only: "anthropic-messages",
    damage: (wire) => requestWith(wire, (request, exchange) => rounded(wire.request.encode(request, exchange))),
  },
  {
    defect: "a decoder that counts nothing",
    law: money,
    damage: (wire) =>
      responseWith(wire, {
        decode: (body, exchange) => {
          const { usage: _, ...response } = wire.response.decode(body, exchange)
          return response
        },
      }),
  },
]
