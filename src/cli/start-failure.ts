/** Why an address could not be listened on, and what to do; undefined for every other failure. */
export function listenFailure(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, syscall } = error as Error & { code?: unknown; syscall?: unknown }
  const port = /\bport (\d+)/.exec(error.message)?.[0] ?? "the port"
  switch (code) {
    case "EADDRINUSE":
      return `${port} is taken; choose another with --port, or --port 0 for any free one`
    case "EACCES":
      return syscall === "listen" ? "this port needs more rights; choose one above 1023 with --port" : undefined
    case "EINVAL":
      return syscall === "listen" ? "the host is no address of this machine; check --host" : undefined
    case "EADDRNOTAVAIL":
      return "this machine does not have that address; check --host"
    default:
      return undefined
  }
}
