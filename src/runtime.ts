/**
 * Bun reads these only when it starts: how many requests may be under way at once, HTTP/2 to those who offer it, and after how many milliseconds
 * memory that was freed goes back to the system (its allocator's own choice is a second, and a burst of calls is over by then).
 */
const wanted: Readonly<Record<string, string>> = {
  BUN_CONFIG_MAX_HTTP_REQUESTS: "65535",
  BUN_FEATURE_FLAG_EXPERIMENTAL_HTTP2_CLIENT: "1",
  MIMALLOC_PURGE_DELAY: "10",
}

const asides = new Set(["--help", "-h", "--version", "-v"])

/** Whether a command line starts the gateway, which alone needs the environment; the other commands do without. */
export const serves = ([first, ...rest]: readonly string[]): boolean =>
  (first === undefined || first === "serve" || first.startsWith("-")) && ![first, ...rest].some((word) => asides.has(word ?? ""))

/**
 * Starts this same program anew in place with the environment that Bun must see at start; does nothing when it is there already. Where a process
 * cannot replace itself (Windows), a child does the work and this process lends it its console and its exit code.
 */
export async function ensureRuntime(): Promise<void> {
  const missing = Object.entries(wanted).filter(([name]) => process.env[name] === undefined)
  if (missing.length === 0) return
  const env = { ...process.env, ...Object.fromEntries(missing) } as Record<string, string>
  const command = [process.execPath, ...sourceArguments(), ...process.argv.slice(2)]
  if (typeof process.execve === "function" && process.platform !== "win32") process.execve(process.execPath, command, env)
  const child = Bun.spawn(command, { env, stdio: ["inherit", "inherit", "inherit"] })
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal))
  process.exit(await child.exited)
}

/** Run from source, the interpreter needs its own flags and the script's path; compiled, the program would take them for words of its command line. */
const sourceArguments = (): readonly string[] =>
  /^(\/\$bunfs\/|B:[\\/]~BUN[\\/])/.test(Bun.main) ? [] : [...process.execArgv, "run", Bun.main]
