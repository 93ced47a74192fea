import fc from "fast-check"
import type { Wire } from "../../../src/core/wire.ts"
import { agentRequest } from "../../core/histories.ts"
import { responseCodec } from "../bodies.ts"
import { demandsUnmet } from "../demands.ts"
import { mustBeEmpty } from "../difference.ts"
import { echo } from "../echo.ts"
import { trial } from "../exchange.ts"
import { jsonOf } from "../fixtures.ts"
import { mustHold } from "../holds.ts"
import type { Law } from "../law.ts"
import { unlessRefused } from "../refusal.ts"
import { regroupRequest } from "../regroup.ts"
import { mustTell } from "./accounting.ts"

const others = (wire: Wire, wires: readonly Wire[]): readonly Wire[] => wires.filter((other) => other.id !== wire.id)

/** What one vendor takes becomes something that the other takes: whoever translates knows what each demands. */
export const demands: Law = {
  title: "L6 demands",
  fixtures: [
    {
      title: "what its vendor takes is taken by others",
      kinds: ["request"],
      own: true,
      when: (fixture, { wire }) => demandsUnmet(wire.id, jsonOf(fixture)).length === 0,
      check(fixture, { wire, wires }) {
        const hub = wire.request.decode(jsonOf(fixture), () => {})
        for (const other of others(wire, wires))
          unlessRefused(() => {
            const body = other.request.encode(hub, trial(wire, other, { request: hub }))
            mustBeEmpty(demandsUnmet(other.id, body), `to ${other.id}: would be refused`)
          })
      },
    },
    {
      title: "what a client keeps of an answer is taken by every vendor",
      kinds: ["response"],
      check(fixture, { wire, wires }) {
        const { value } = responseCodec(wire, jsonOf(fixture))
        for (const client of wires) {
          const kept = echo(client.id, client.response.encode(value, trial(client, wire)))
          if (demandsUnmet(client.id, kept).length > 0) continue
          const request = client.request.decode(kept, () => {})
          for (const target of wires)
            unlessRefused(() => {
              const body = target.request.encode(request, trial(client, target, { request }))
              mustBeEmpty(demandsUnmet(target.id, body), `by way of ${client.id} to ${target.id}: would be refused`)
            })
        }
      },
    },
  ],
  wire: [
    {
      title: "an agent's history is taken by every vendor, however its messages are cut",
      check({ wire, wires }) {
        mustHold(
          fc.property(agentRequest, fc.subarray(["thinking-budget", "mid-system"]), (value, features) => {
            const body = wire.request.encode(value, trial(wire, wire, { request: value }))
            mustBeEmpty(demandsUnmet(wire.id, body), "on its own wire: would be refused")
            const hub = wire.request.decode(body, () => {})
            for (const other of others(wire, wires)) {
              const exchange = trial(wire, other, { request: hub, features })
              const onward = other.request.encode(hub, exchange)
              mustBeEmpty(demandsUnmet(other.id, onward), `to ${other.id}: would be refused`)
              const back = other.request.decode(onward, () => {})
              mustTell(regroupRequest(hub), regroupRequest(back), exchange.list(), `to ${other.id}`)
            }
          }),
          100,
        )
      },
    },
  ],
}
