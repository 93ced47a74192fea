/** Exit codes of a process that a signal ended, as shells report them. */
const codes = { SIGINT: 130, SIGTERM: 143 } as const

export type EndSignal = keyof typeof codes

export interface SignalHandlers {
  /** Asked to read the configuration again. */
  reload(): void
  /** Asked once to end; the second request is not passed on but obeyed on the spot. */
  end(signal: EndSignal): void
}

export function onSignals({ reload, end }: SignalHandlers): void {
  let asked = false
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      if (asked) process.exit(codes[signal])
      asked = true
      end(signal)
    })
  // on Windows this is the console being closed
  if (process.platform !== "win32") process.on("SIGHUP", reload)
}
