import type { Config } from "../config/types.ts"
import { onceFor } from "../lib/once-for.ts"
import { doorRules, hasAdmin, newToken } from "./door-rules.ts"
import { type DoorRules, isLoopbackHost } from "./doors.ts"

export interface Entrance {
  readonly host: string
  /** Bound to more than this machine. */
  readonly open: boolean
  /** The admin credential that was made, where others can reach the gateway. */
  readonly madeToken?: string
  /** It is the one that opens, since the file set none at the start. */
  readonly needsToken: boolean
  /** Nobody knows what opens the admin side of this configuration: it sets no credential, and the made one was never shown. */
  shutBy(now: Config): boolean
  /** As the configuration in force wants them. */
  doors(): DoorRules
}

/** Where the gateway listens, and whom its admin side lets in. `host` is what was asked for by other means than the file. */
export function entranceOf(host: string | undefined, config: () => Config): Entrance {
  const first = config()
  const at = host ?? first.server.host ?? "127.0.0.1"
  const loopback = isLoopbackHost(at)
  // made even where one is configured: an edit that takes it out must not open the doors
  const madeToken = loopback ? undefined : newToken()
  const rules = onceFor((now: Config) => doorRules(now, loopback, madeToken))
  return {
    host: at,
    open: !loopback,
    ...(madeToken === undefined ? {} : { madeToken }),
    needsToken: madeToken !== undefined && !hasAdmin(first),
    shutBy: (now) => madeToken !== undefined && hasAdmin(first) && !hasAdmin(now),
    doors: () => rules(config()),
  }
}
