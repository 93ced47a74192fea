import { gatewayCommand } from "../support/gateway.ts"

export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs one command line of the gateway in a process of its own, in the given folder, to its end. */
export async function runProcess(
  folder: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = Bun.spawn([...gatewayCommand(), ...words], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", HOME: folder, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 15_000,
  })
  const [out, err, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited])
  return { code, out, err }
}
