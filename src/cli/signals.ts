/** Exit codes of a process that a signal ended, as shells report them. */
const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGBREAK: 149 } as const

export type EndSignal = keyof typeof codes

export interface SignalHandlers {
  /** Asked to read the configuration again. */
  reload(): void
  /** Asked once to end. */
  end(signal: EndSignal): void
  /** Asked again: the process ends as soon as this has settled, or is asked a third time. */
  endNow(signal: EndSignal): Promise<void>
}

const windows = process.platform === "win32"

/** On Windows a console that is closed says SIGHUP, and Ctrl+Break SIGBREAK. */
const ends: readonly EndSignal[] = windows ? ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] : ["SIGINT", "SIGTERM"]

/** `bun run` passes on to its child what the terminal has sent to both, so one press of a key arrives twice. */
const echoMs = 300

export function onSignals({ reload, end, endNow }: SignalHandlers): void {
  let asked: number | undefined
  let again: number | undefined
  for (const signal of ends)
    process.on(signal, () => {
      const now = performance.now()
      if (asked === undefined) {
        asked = now
        end(signal)
      } else if (again === undefined && now - asked > echoMs) {
        again = now
        const exit = () => process.exit(codes[signal])
        endNow(signal).then(exit, exit)
      } else if (again !== undefined && now - again > echoMs) process.exit(codes[signal])
    })
  if (!windows) process.on("SIGHUP", reload)
}
