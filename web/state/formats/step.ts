import type { StreamStep } from "./format.ts"
import { numberOf, textOf } from "./json.ts"

/** A step from values of any type: what is not text or a number was not said. */
export function stepOf(said: {
  readonly text?: unknown
  readonly reasoning?: unknown
  readonly input?: unknown
  readonly output?: unknown
  readonly error?: unknown
}): StreamStep {
  const text = textOf(said.text)
  const reasoning = textOf(said.reasoning)
  const input = numberOf(said.input)
  const output = numberOf(said.output)
  const error = textOf(said.error)
  return {
    ...(text ? { text } : {}),
    ...(reasoning ? { reasoning } : {}),
    figures: { ...(input === undefined ? {} : { input }), ...(output === undefined ? {} : { output }) },
    ...(error === undefined ? {} : { error }),
  }
}
