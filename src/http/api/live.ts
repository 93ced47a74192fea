import type { ServerWebSocket } from "bun"
import { Elysia } from "elysia"
import { fault } from "../../core/error.ts"
import type { CallRecord } from "../../core/record.ts"
import type { DoorRules } from "../doors.ts"
import { only } from "./only.ts"
import { refusal } from "./refusal.ts"

/** Whoever tells of finished calls. */
export interface LiveSource {
  publish(record: CallRecord): void
  subscribe(listener: { send(frame: string): void; buffered(): number }): (() => void) | undefined
}

const pingMs = 30_000
/** For the app that has the feed, since routes cannot say it for themselves. A listener says nothing but pongs; one that does not even say those is gone. */
export const listenerLimits = { maxPayloadLength: 1_024, idleTimeout: 120 }
const tryLater = 1013
const notAllowed = 1008

/**
 * The live feed at `/ws`: one text frame for each finished call, and pings that keep proxies from closing it. Who was let in by other rules than
 * those of `doors` now is told nothing more, and has to come in anew.
 */
export function liveRoutes(source: LiveSource, doors: () => DoorRules) {
  const leave = new Map<string, () => void>()
  return new Elysia({ name: "live" })
    .get("/ws", noUpgrade)
    .all("/ws", only("GET"), { parse: "none" })
    .ws("/ws", {
      open(socket) {
        // Elysia's own type of a socket leaves out what it has buffered.
        const raw = socket.raw as unknown as ServerWebSocket<unknown>
        let rules = doors()
        const isAllowed = () => {
          const now = doors()
          const same = now === rules || Bun.deepEquals(now, rules)
          if (same) rules = now
          else socket.close(notAllowed, "the gateway lets in others now")
          return same
        }
        const end = source.subscribe({
          send: (frame) => void (isAllowed() && raw.sendText(frame)),
          buffered: () => raw.getBufferedAmount(),
        })
        if (!end) {
          socket.close(tryLater, "too many listeners")
          return
        }
        const ping = setInterval(() => isAllowed() && raw.ping(), pingMs)
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

function noUpgrade(): Response {
  const response = refusal(fault("upgrade-required", "/ws is a WebSocket: the request has to ask for an upgrade").error)
  response.headers.set("upgrade", "websocket")
  return response
}
