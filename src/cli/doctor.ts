import { ensureRuntime } from "../runtime.ts"
import { checkConfig } from "./checks/config.ts"
import type { Finding } from "./checks/finding.ts"
import { checkFolder } from "./checks/folder.ts"
import { checkBind, checkPort } from "./checks/port.ts"
import { checkProviders } from "./checks/providers.ts"
import { checkRuntime } from "./checks/runtime.ts"
import { command, exit } from "./command.ts"
import { defaultDir } from "./folder.ts"
import { readConfiguration } from "./read-config.ts"
import { addressFlags, placeFlags, readSettings } from "./settings.ts"
import { painter, type Terminal } from "./terminal.ts"

export const doctor = command({
  name: "doctor",
  summary: "Look for what could keep the gateway from working",
  notes: [
    "exit code 1 when something fails; warnings do not count",
    "nothing is changed, and nothing outside this machine is called without --online",
  ],
  flags: {
    ...addressFlags,
    ...placeFlags,
    online: { type: "boolean", description: "Also see whether the providers' addresses can be reached" },
  },
  async run(flags, terminal) {
    const { env } = terminal
    const settings = readSettings(flags, env)
    await ensureRuntime()
    const { providerFacts } = await import("../app.ts")
    const { dir = defaultDir(env), file, host, port } = settings
    const reading = await readConfiguration({ dir, file, env, facts: providerFacts, unsetKeys: "leave-out" })
    const { detected } = reading
    const online = flags.online === true
    const config = reading.result.ok ? reading.result.config : undefined
    const bind = { host: host ?? config?.server.host ?? "127.0.0.1", port: port ?? config?.server.port ?? 8080 }
    const findings: readonly Finding[] = [
      ...checkRuntime(env),
      await checkFolder(dir),
      ...(await checkConfig(reading, dir)),
      ...(config === undefined ? [] : await checkProviders(config, { facts: providerFacts, env, detected, online })),
      await checkPort(bind),
      ...(config === undefined ? [] : checkBind(bind, config)),
    ]
    report(findings, terminal)
    return findings.some(({ level }) => level === "fail") ? exit.failed : exit.ok
  },
})

const styles = { ok: "green", warn: "yellow", fail: "red" } as const

function report(findings: readonly Finding[], terminal: Terminal): void {
  const paint = painter(terminal.colour)
  const width = Math.max(...findings.map(({ subject }) => subject.length))
  for (const { level, subject, text, hint } of findings) {
    terminal.out(`${paint(styles[level], level.padEnd(4))}  ${subject.padEnd(width)}  ${text}`)
    if (hint !== undefined) terminal.out(`${" ".repeat(width + 8)}${paint("dim", `→ ${hint}`)}`)
  }
}
