import type { Call, Plugin, Reply } from "../core/call.ts"
import { fault, GatewayFault } from "../core/error.ts"

export type CallHandler<Context> = (call: Call, context: Context) => Promise<Reply>

/**
 * Puts plugins around what handles a call, the first outermost. One that throws fails the call if it is required; else the call goes on without it,
 * with the answer if there is one by then, and `skipped` is told. An answer that a required one fails after is cancelled. What comes through `next` is never taken for the plugin's own failure.
 */
export function callRing<Context>(
  core: CallHandler<Context>,
  plugins: readonly Plugin[],
  skipped: (plugin: string, error: unknown) => void,
): CallHandler<Context> {
  return plugins.reduceRight<CallHandler<Context>>((inner, plugin) => around(plugin, inner, skipped), core)
}

function around<Context>(
  { name, required, call: intercept }: Plugin,
  inner: CallHandler<Context>,
  skipped: (plugin: string, error: unknown) => void,
): CallHandler<Context> {
  if (!intercept) return inner
  return async (call, context) => {
    let asked: Promise<Reply> | undefined
    let failed: { readonly error: unknown } | undefined
    const next = (): Promise<Reply> => {
      if (asked) throw new Error(`the plugin ${name} asked for an answer twice`)
      asked = start(inner, call, context)
      asked.catch((error: unknown) => {
        failed = { error }
      })
      return asked
    }
    try {
      return await intercept(call, next)
    } catch (error) {
      if (failed && failed.error === error) throw error
      if (!required) {
        skipped(name, error)
        return asked ?? inner(call, context)
      }
      void asked?.then(cancel, () => undefined)
      throw error instanceof GatewayFault
        ? error
        : fault("internal", `the plugin ${name}, which is required, failed on this call`)
    }
  }
}

const cancel = (reply: Reply): void => reply.cancel()

/** What throws at once rejects too, so that there is one way in which a call fails. */
const start = async <Context>(inner: CallHandler<Context>, call: Call, context: Context): Promise<Reply> => inner(call, context)
