import type { Server } from "bun"

/** Seconds after which Bun closes a connection on which nothing moves, also while its answer is still being made. */
export const idleSeconds = 60
/** A call that lasts so long is exempted from that. To say so of each call would cost a hundredth of it. */
const lastingMs = 20_000
const sweepMs = 5_000

/** A request whose answer is being made. */
export interface Awaited {
  readonly request: Request
  readonly server: Server<unknown>
  readonly since: number
  exempt: boolean
  /** Where it stands in the list; -1 when it has its answer. */
  place: number
}

const awaited: Awaited[] = []
let timer: ReturnType<typeof setInterval> | undefined

/** From now until `hasAnswer` the request may take as long as its own deadlines allow. `since` is a `performance.now()`. */
export function awaitsAnswer(request: Request, server: Server<unknown>, since: number): Awaited {
  const one = { request, server, since, exempt: false, place: awaited.length }
  awaited.push(one)
  timer ??= setInterval(sweep, sweepMs).unref()
  return one
}

/**
 * The answer is there. A whole one is Bun's to deliver, and its idle limit ends a client that takes nothing; one that goes on has a watch of its own.
 */
export function hasAnswer(one: Awaited, goesOn: boolean): void {
  const { request, server, exempt, place } = one
  if (goesOn !== exempt) server.timeout(request, goesOn ? 0 : idleSeconds)
  if (place < 0) return
  one.place = -1
  const last = awaited.pop()
  if (!last || last === one) return
  awaited[place] = last
  last.place = place
}

function sweep(): void {
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
