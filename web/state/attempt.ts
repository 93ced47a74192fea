import { signal } from "@preact/signals"
import { urlOf } from "./address.ts"
import { eventReader } from "./formats/events.ts"
import type { Format, StreamFigures, StreamStep } from "./formats/format.ts"
import { messageIn, shutOut } from "./http.ts"

/** One try of a model from this page, as it stands. Times are in milliseconds after it was sent. */
export interface Attempt {
  readonly state: "running" | "complete" | "stopped" | "failed"
  /** When it was sent, in milliseconds since 1970. */
  readonly at: number
  readonly model: string
  readonly prompt: string
  readonly reasoning: string
  readonly text: string
  readonly error?: string
  readonly status?: number
  /** The logged call. */
  readonly callId?: string
  readonly target?: string
  readonly firstTokenMs?: number
  readonly totalMs?: number
  readonly figures: StreamFigures
}

/** Characters kept of an answer; what comes after is counted by the gateway, not shown. */
const textLimit = 200_000

export const attempt = signal<Attempt | undefined>(undefined)

let running: AbortController | undefined

export const stop = (): void => running?.abort()

/** Asks the model through the gateway's own front door and shows the answer as it comes. */
export async function ask(format: Format, model: string, prompt: string): Promise<void> {
  running?.abort()
  const mine = new AbortController()
  running = mine
  const started = performance.now()
  const since = () => performance.now() - started
  let made: Attempt = { state: "running", at: Date.now(), model, prompt, reasoning: "", text: "", figures: {} }
  const change = (more: Partial<Attempt>) => {
    made = { ...made, ...more }
    if (running === mine) attempt.value = made
  }
  change({})
  try {
    const response = await fetch(urlOf(format.path), {
      method: "POST",
      headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
      body: JSON.stringify(format.body(model, prompt)),
      signal: mine.signal,
    })
    change(headersOf(response))
    if (isShutOut(made)) {
      shutOut.value = true
      throw new Error("Your session is over: sign in again.")
    }
    if (!response.ok) throw new Error(messageIn(await response.text(), response.status))
    for await (const step of stepsOf(response, format)) {
      change(after(made, step, since))
      if (step.error !== undefined) throw new Error(step.error)
    }
    change({ state: "complete", totalMs: since() })
  } catch (error) {
    if (mine.signal.aborted) change({ state: "stopped", totalMs: since() })
    else change({ state: "failed", error: messageOf(error), totalMs: since() })
  }
}

/** The gateway's own door sent it away; a provider's refusal belongs to a call. */
const isShutOut = ({ status, callId }: Attempt): boolean => status === 401 && callId === undefined

/** A fetch that breaks throws a TypeError whose words differ from browser to browser. */
const messageOf = (error: unknown): string =>
  error instanceof TypeError || !(error instanceof Error) ? "The connection to the gateway broke." : error.message

function headersOf({ status, headers }: Response): Partial<Attempt> {
  const callId = headers.get("x-gantry-request-id")
  const provider = headers.get("x-gantry-provider")
  const model = headers.get("x-gantry-model")
  return {
    status,
    ...(callId === null ? {} : { callId }),
    ...(provider === null ? {} : { target: model === null ? provider : `${provider}/${model}` }),
  }
}

async function* stepsOf(response: Response, { step }: Format): AsyncGenerator<StreamStep> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) return
  const events = eventReader()
  for (;;) {
    const { done, value } = await reader.read()
    const pieces = done ? events.push("\n\n") : events.push(value)
    for (const event of pieces) yield step(event)
    if (done) return
  }
}

function after(before: Attempt, { text = "", reasoning = "", figures }: StreamStep, since: () => number): Partial<Attempt> {
  const spoke = text !== "" || reasoning !== ""
  return {
    text: (before.text + text).slice(0, textLimit),
    reasoning: (before.reasoning + reasoning).slice(0, textLimit),
    figures: { ...before.figures, ...figures },
    ...(spoke && before.firstTokenMs === undefined ? { firstTokenMs: since() } : {}),
  }
}
