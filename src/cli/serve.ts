import type { Gateway } from "../app.ts"
import { problemLine, renderProblems } from "../config/render-problems.ts"
import { ConfigRejected } from "../config/source.ts"
import { redactText } from "../lib/redact.ts"
import { version } from "../version.ts"
import { banner } from "./banner.ts"
import { command, exit } from "./command.ts"
import { exampleModel } from "./example-model.ts"
import { defaultDir, whyNotWritable } from "./folder.ts"
import { lockFolder } from "./folder-lock.ts"
import { type Log, logger } from "./logger.ts"
import { type Guard, nextSteps } from "./next-steps.ts"
import { addressFlags, environmentNote, placeFlags, readLogLevel, readSettings } from "./settings.ts"
import { onSignals } from "./signals.ts"
import { listenFailure } from "./start-failure.ts"
import type { Terminal } from "./terminal.ts"

const flags = {
  ...addressFlags,
  ...placeFlags,
  "log-level": { type: "string", valueHint: "level", description: "debug, info, warn or error (default: info)" },
  "strict-config": {
    type: "boolean",
    description: "Refuse to start on a bad file, or one whose keys want variables that are not set",
  },
} as const

export const serve = command({
  name: "serve",
  summary: "Start the gateway",
  notes: [
    environmentNote,
    "signals: SIGTERM and SIGINT let running calls finish (a second one cuts them short), SIGHUP reads the configuration again",
    "exit code 78 when the configuration cannot be used, 1 when something else keeps it from starting",
  ],
  flags,
  async run(given, terminal) {
    const settings = readSettings(given, terminal.env)
    const log = logger(terminal, readLogLevel(given["log-level"], terminal.env))
    const { startGateway } = await import("../app.ts")
    const { host, port, dir = defaultDir(terminal.env), file } = settings
    // What callers said is kept there: for this user alone.
    process.umask(0o077)
    const unwritable = await whyNotWritable(dir)
    const lock = unwritable === undefined ? await lockFolder(dir) : undefined
    if (lock === "taken") {
      terminal.err(`gantry: another gateway is running on the folder ${dir}; stop it, or choose another folder with --dir`)
      return exit.failed
    }
    let gateway: Gateway
    try {
      const strict = given["strict-config"] === true
      gateway = await startGateway({ host, port, dir, file, strict, env: terminal.env, log })
    } catch (error) {
      return refuse(error, terminal)
    }
    surviveFaults(log)
    const ended = untilEnded(gateway, log)
    const warnings = unwritable === undefined ? [] : [`${dir} cannot be written to (${unwritable}), so nothing is kept in it`]
    await welcome(gateway, { dir, warnings, terminal })
    await ended
    lock?.release()
    return exit.ok
  },
})

/** Says in the user's words why there is no gateway; what is not understood is passed on. */
function refuse(error: unknown, terminal: Terminal): number {
  if (error instanceof ConfigRejected) {
    terminal.err(renderProblems(error.problems, { colour: terminal.colour }).trimEnd())
    terminal.err("gantry: not started, for this configuration cannot be used")
    return exit.config
  }
  const reason = listenFailure(error)
  if (reason === undefined) throw error
  terminal.err(`gantry: ${reason}`)
  return exit.failed
}

interface WelcomeFacts {
  readonly dir: string
  readonly warnings: readonly string[]
  readonly terminal: Terminal
}

const listDeadlineMs = 1_500

async function welcome(gateway: Gateway, { dir, warnings, terminal }: WelcomeFacts): Promise<void> {
  const { url, source, registry, madeToken, open } = gateway
  const snapshot = source.current()
  const facts = {
    version,
    url,
    snapshot,
    file: source.file,
    dir,
    providers: registry.providers,
    madeToken,
    open,
    guard: guardOf(gateway),
    warnings: [...warnings, ...source.problems().map(problemLine), ...snapshot.warnings.map(problemLine)],
  }
  terminal.out(banner(facts, terminal.colour))
  // where nobody is watching, no provider is asked for the sake of an example
  const listed = await gateway.models({ ask: terminal.interactive, deadlineMs: listDeadlineMs })
  const model = exampleModel(registry.providers.values(), listed)
  terminal.out(nextSteps({ url, model, guard: facts.guard }, terminal.colour))
}

/** What calls to models have to bring. */
function guardOf({ source, madeToken }: Gateway): Guard | undefined {
  const { client, admin } = source.current().config
  if (!client.enforceAuthOnInference) return undefined
  if (admin.token !== undefined || madeToken !== undefined) return "token"
  return admin.enabled && admin.password !== undefined ? "password" : "nothing opens"
}

/** Settles once a signal has asked for the end and what was running is done. */
function untilEnded(gateway: Gateway, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    let cutting = false
    const drained = () => {
      if (!cutting) resolve()
    }
    onSignals({
      reload() {
        log("info", "SIGHUP: the configuration is read again")
        gateway.reload().then(
          ({ kind }) => {
            if (kind !== "unchanged") return
            if (gateway.source.problems().some(({ severity }) => severity === "error"))
              log("error", "the file is as it was and still cannot be used: the last good configuration stays in force")
            else log("info", "the configuration is as it was")
          },
          (error: unknown) => log("error", `the configuration could not be read: ${textOf(error)}`),
        )
      },
      end(signal) {
        const seconds = Math.round(gateway.source.current().config.client.drainMs / 1_000)
        log("info", `${signal}: running calls have up to ${seconds} s to finish; a second signal cuts them short`)
        gateway.drain().then(drained, reject)
      },
      endNow(signal) {
        cutting = true
        log("info", `${signal} again: running calls are cut short`)
        return gateway.cutShort()
      },
    })
  })
}

/** A fault that nothing caught is the gateway's own: other calls go on. */
function surviveFaults(log: Log): void {
  const report = (error: unknown) => log("error", `a fault inside the gateway: ${textOf(error)}`)
  process.on("unhandledRejection", report)
  process.on("uncaughtException", report)
}

const textOf = (error: unknown): string =>
  redactText(error instanceof Error ? (error.stack ?? error.message) : String(error)).slice(0, 2_000)
