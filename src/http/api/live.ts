import type { ServerWebSocket } from "bun"
import { Elysia } from "elysia"
import type { CallRecord } from "../../core/record.ts"

/** Whoever tells of finished calls. */
export interface LiveSource {
  publish(record: CallRecord): void
  subscribe(listener: { send(frame: string): void; buffered(): number }): (() => void) | undefined
}

const pingMs = 30_000
/** A listener says nothing but pongs. */
const longestMessage = 1_024
const tryLater = 1013

/** The live feed at `/ws`: one text frame for each finished call, and pings that keep proxies from closing it. */
export function liveRoutes(source: LiveSource) {
  const leave = new Map<string, () => void>()
  return new Elysia({ name: "live" }).ws("/ws", {
    maxPayloadLength: longestMessage,
    idleTimeout: 120,
    open(socket) {
      // Elysia's own type of a socket leaves out what it has buffered.
      const raw = socket.raw as unknown as ServerWebSocket<unknown>
      const end = source.subscribe({ send: (frame) => void raw.sendText(frame), buffered: () => raw.getBufferedAmount() })
      if (!end) {
        socket.close(tryLater, "too many listeners")
        return
      }
      const ping = setInterval(() => raw.ping(), pingMs)
      leave.set(socket.id, () => {
        clearInterval(ping)
        end()
      })
    },
    message() {},
    close(socket) {
      leave.get(socket.id)?.()
      leave.delete(socket.id)
    },
  })
}
