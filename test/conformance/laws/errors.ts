import { blameOf, type ErrorKind, errorKinds, type GatewayError } from "../../../src/core/error.ts"
import { stringifyJson } from "../../../src/lib/json.ts"
import { must, mustEqual } from "../difference.ts"
import { errorCases, hasErrorShape } from "../errors.ts"
import { trial } from "../exchange.ts"
import type { Law } from "../law.ts"
import { decodeFrames, overTheLine } from "../streams.ts"

/** Kinds that every vendor has a word for. */
const common: ReadonlySet<ErrorKind> = new Set(["invalid-request", "authentication", "permission", "rate-limit", "server-error"])

const errorOf = (kind: ErrorKind): GatewayError => ({
  kind,
  blame: blameOf(kind),
  message: `something about ${kind}`,
  param: "messages[2].content",
  retryAfterMs: 3_000,
  upstream: { provider: "hidden-provider", status: 418, body: "hidden upstream body" },
})

/** Errors of a vendor are understood, and shown as the client's own vendor would. */
export const errors: Law = {
  title: "L7 errors",
  wire: [
    {
      title: "every documented error has its kind and blame",
      check({ wire }) {
        for (const { name, status, headers, body, ...expected } of errorCases[wire.id] ?? []) {
          const { kind, blame, retryAfterMs } = wire.error.decode(status, body, new Headers(headers))
          mustEqual(expected, { kind, blame, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }, name)
        }
      },
    },
    {
      title: "every kind has the wire's own shape",
      check({ wire }) {
        for (const kind of errorKinds) {
          const { status, body } = wire.error.encode(errorOf(kind))
          must(status >= 400 && status <= 599, `${kind}: status`, status)
          must(hasErrorShape(wire.id, body), `${kind}: shape`, body)
          must(!stringifyJson(body).includes("hidden"), `${kind}: something internal is shown`, body)
        }
      },
    },
    {
      title: "common kinds are read again as what they were",
      check({ wire }) {
        for (const kind of common) {
          const { status, body } = wire.error.encode(errorOf(kind))
          mustEqual(kind, wire.error.decode(status, stringifyJson(body), new Headers()).kind, `${kind} with status ${status}`)
        }
      },
    },
    {
      title: "in a stream every kind is one error and the end",
      check({ wire }) {
        for (const kind of errorKinds) {
          const steps = decodeFrames(wire, trial(wire, wire), overTheLine(wire.stream.errorFrames(errorOf(kind))))
          const events = steps.flatMap((step) => step.events.map((event) => event.type)).filter((type) => type !== "foreign")
          mustEqual("error", events.at(-1), `${kind}: last event`)
          mustEqual(1, events.filter((type) => type === "error").length, `${kind}: errors`)
        }
      },
    },
  ],
}
