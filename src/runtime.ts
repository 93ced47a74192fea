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
 * cannot replace itself (Windows), a child does the work and this process lends it its console and its exit code. Where the system lets it start
 * nothing at all (emulation, a sandbox), it goes on as it is and says what that costs.
 */
export async function ensureRuntime(program: string = process.execPath): Promise<void> {
  const missing = Object.entries(wanted).filter(([name]) => process.env[name] === undefined)
  if (missing.length === 0) return
  try {
    await startAnew(program, { ...process.env, ...Object.fromEntries(missing) } as Record<string, string>)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const settings = missing.map(([name, value]) => `${name}=${value}`).join(" ")
    console.error(
      `gantry could not start itself anew (${reason}) and goes on with at most 256 requests over TLS at once.\nStart it with ${settings} in its environment to lift that.`,
    )
  }
}

async function startAnew(program: string, env: Record<string, string>): Promise<void> {
  const command = [program, ...sourceArguments(), ...process.argv.slice(2)]
  if (typeof process.execve === "function" && process.platform !== "win32") process.execve(program, command, env)
  const child = Bun.spawn(command, { env, stdio: ["inherit", "inherit", "inherit"] })
  if (process.platform === "win32") {
    // the console tells both; passed on, it would end the child on the spot
    for (const signal of ["SIGINT", "SIGBREAK"] as const) process.on(signal, () => undefined)
  } else for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal))
  process.exit(await child.exited)
}

/** Run from source, the interpreter needs its own flags and the script's path; compiled, the program would take them for words of its command line. */
const sourceArguments = (): readonly string[] =>
  /^(\/\$bunfs\/|B:[\\/]~BUN[\\/])/.test(Bun.main) ? [] : [...process.execArgv, "run", Bun.main]
