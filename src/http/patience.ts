import type { Server } from "bun"

/** Seconds after which Bun closes a connection on which nothing moves, also while its answer is still being made. */
export const idleSeconds = 120

/** A request whose answer is being made. */
export interface Awaited {
  readonly request: Request
  readonly server: Server<unknown>
  readonly since: number
  exempt: boolean
  /** Where it stands in the list. */
  place: number
}

export interface Patience {
  /** From now until `answered` the request may take as long as its own deadlines allow. `since` is a `performance.now()`. */
  begin(request: Request, server: Server<unknown>, since: number): Awaited
  /**
   * The answer is there, once. A whole one is Bun's to deliver, and its idle limit ends a client that takes nothing; one that goes on has a watch of
   * its own.
   */
  answered(one: Awaited, goesOn: boolean): void
}

/** Exempts calls that last from the idle limit. To say so of each call would cost a hundredth of it. In milliseconds. */
export function patience(lastingMs = 20_000, sweepMs = 5_000): Patience {
  const awaited: Awaited[] = []
  let timer: ReturnType<typeof setInterval> | undefined

  const sweep = () => {
    if (awaited.length === 0) {
      clearInterval(timer)
      timer = undefined
      return
    }
    const now = performance.now()
    for (const one of awaited) {
      if (one.exempt || now - one.since < lastingMs) continue
      one.exempt = true
      one.server.timeout(one.request, 0)
    }
  }

  return {
    begin(request, server, since) {
      const one = { request, server, since, exempt: false, place: awaited.length }
      awaited.push(one)
      timer ??= setInterval(sweep, sweepMs).unref()
      return one
    },
    answered(one, goesOn) {
      const { request, server, exempt, place } = one
      if (goesOn !== exempt) server.timeout(request, goesOn ? 0 : idleSeconds)
      const last = awaited.pop()
      if (!last || last === one) return
      awaited[place] = last
      last.place = place
    },
  }
}
