export interface StreamFigures {
  readonly input?: number
  readonly output?: number
}

/** What one event of a streamed answer says. */
export interface StreamStep {
  readonly text?: string
  readonly reasoning?: string
  readonly figures?: StreamFigures
  readonly error?: string
}

/** One way to ask a model one thing, as SDKs do. Calls of the log are not read with these: the gateway decodes them. */
export interface Format {
  /** The wire's id in the gateway's log. */
  readonly wire: string
  readonly label: string
  /** Relative to the gateway's root. */
  readonly path: string
  body(model: string, prompt: string): object
  step(event: unknown): StreamStep
}
