import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { freshBinary } from "./binary.ts"
import { type TempFolder, tempFolder } from "./temp.ts"
import { repository } from "./traffic.ts"

export interface GatewayOptions {
  /** Written to `config.json` in the gateway's folder. Absent: the gateway starts without a file, or on the one left there. */
  readonly config?: object | string
  /** Further command-line arguments. */
  readonly args?: readonly string[]
  /** The child sees these and PATH, HOME and TMPDIR, nothing else of our environment. */
  readonly env?: Readonly<Record<string, string>>
  /** A folder to go on in, such as that of a gateway that was killed. It is then the caller's to remove. */
  readonly folder?: TempFolder
  /** Put before the command, such as `taskset -c 0`. */
  readonly prefix?: readonly string[]
  /** Instead of the compiled binary or `src/main.ts`. */
  readonly command?: readonly string[]
  /** The certificate to trust where the command serves TLS. */
  readonly ca?: string
  /** Milliseconds until `/health` must answer. */
  readonly readyWithin?: number
}

/** A gateway in a process of its own, listening on loopback. */
export interface Gateway extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly folder: TempFolder
  /** What it has printed on both outputs, the last 1 MiB. */
  output(): string
  readonly exited: Promise<number>
  /** Sends a signal and returns at once. */
  kill(signal: NodeJS.Signals): void
  /** SIGTERM, then SIGKILL after ten seconds; removes the folder if it was made here. Returns the exit code. */
  stop(): Promise<number>
}

const outputLimit = 1 << 20
const listening = /listening on (https?:\/\/[^\s]+:(\d+))/

/** The command line that starts the gateway: compiled when a fresh binary exists, else from source. */
export function gatewayCommand(): readonly string[] {
  const binary = freshBinary()
  return binary === undefined ? [process.execPath, "run", join(repository, "src/main.ts")] : [binary]
}

export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const folder = options.folder ?? (await tempFolder())
  const child = spawn(folder.path, await commandLine(folder.path, options), options.env ?? {})
  const output = collect([child.stdout, child.stderr])
  const stop = async (): Promise<number> => {
    child.kill("SIGTERM")
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000)
    const code = await child.exited
    clearTimeout(timer)
    if (!options.folder) await folder.remove()
    return code
  }
  try {
    const within = options.readyWithin ?? 20_000
    const [url, port] = await Promise.race([output.match(listening), failWhen(child.exited, within, output.text)])
    await healthy(url, within, options.ca)
    return {
      url,
      port: Number(port),
      pid: child.pid,
      folder,
      output: output.text,
      exited: child.exited,
      kill: (signal) => child.kill(signal),
      stop,
      [Symbol.asyncDispose]: async () => void (await stop()),
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function commandLine(folder: string, options: GatewayOptions): Promise<string[]> {
  const data = join(folder, "data")
  const file = join(folder, "config.json")
  await mkdir(data, { recursive: true })
  if (options.config !== undefined) {
    await writeFile(file, typeof options.config === "string" ? options.config : JSON.stringify(options.config, null, 2))
  }
  const where = [
    "--port",
    "0",
    "--host",
    "127.0.0.1",
    "--dir",
    data,
    ...((await Bun.file(file).exists()) ? ["--config", file] : []),
  ]
  return [...(options.prefix ?? []), ...(options.command ?? gatewayCommand()), ...where, ...(options.args ?? [])]
}

function spawn(folder: string, command: string[], env: Readonly<Record<string, string>>) {
  const base = { PATH: process.env.PATH ?? "", HOME: folder, TMPDIR: process.env.TMPDIR ?? "/tmp" }
  return Bun.spawn(command, { cwd: folder, env: { ...base, ...env }, stdin: "ignore", stdout: "pipe", stderr: "pipe" })
}

interface Output {
  text(): string
  /** The groups of the first match, whenever it is printed. */
  match(pattern: RegExp): Promise<readonly [string, string]>
}

function collect(streams: readonly ReadableStream<Uint8Array>[]): Output {
  let text = ""
  let look: (() => void) | undefined
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder()
    for await (const bytes of stream) {
      text = (text + decoder.decode(bytes, { stream: true })).slice(-outputLimit)
      look?.()
    }
  }
  for (const stream of streams) void read(stream)
  return {
    text: () => text,
    match: (pattern) =>
      new Promise((resolve) => {
        look = () => {
          const [, first, second] = pattern.exec(text) ?? []
          if (first === undefined || second === undefined) return
          look = undefined
          resolve([first, second])
        }
        look()
      }),
  }
}

async function failWhen(exited: Promise<number>, within: number, output: () => string): Promise<never> {
  const late = new Promise<string>((resolve) => setTimeout(resolve, within, `was not listening after ${within} ms`).unref())
  const reason = await Promise.race([late, exited.then((code) => `ended with code ${code}`)])
  await Bun.sleep(0)
  throw new Error(`the gateway ${reason}\n${output()}`)
}

async function healthy(url: string, within: number, ca: string | undefined): Promise<void> {
  const deadline = performance.now() + within
  for (;;) {
    const signal = AbortSignal.timeout(within)
    const response = await fetch(`${url}/health`, { signal, ...(ca !== undefined && { tls: { ca } }) }).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.ok) return
    if (performance.now() > deadline) throw new Error(`${url}/health answers ${response?.status ?? "nothing"}`)
    await Bun.sleep(25)
  }
}
