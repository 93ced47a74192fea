import type { Elysia } from "elysia"
import type { SecretBox } from "../../lib/secret-box.ts"
import type { DoorRules } from "../doors.ts"
import type { Gate } from "../gate.ts"
import { type LiveSource, liveRoutes } from "./live.ts"
import type { DecodePayload } from "./log-entry.ts"
import { type LogRoutesOptions, logRoutes } from "./logs.ts"
import { sessionRoutes } from "./session.ts"
import { statusRoutes } from "./status.ts"
import { type StatusParts, statusView } from "./status-view.ts"
import { viewLink } from "./view-link.ts"

export interface AdminParts {
  readonly store: LogRoutesOptions["store"]
  readonly decode: DecodePayload
  readonly secrets: SecretBox
  readonly live: LiveSource
  readonly gate: Gate
  doors(): DoorRules
  /** As things are now. */
  status(): Omit<StatusParts, "doors" | "redact">
}

/** The page's API: log, live feed, signing in, status. */
export function mountAdminApi(app: Elysia, { store, decode, secrets, live, gate, doors, status }: AdminParts): void {
  const { version, source } = status()
  app.use(logRoutes({ store, decode, secrets, elsewhere: viewLink() }))
  app.use(liveRoutes(live, doors))
  app.use(sessionRoutes({ doors, gate }))
  const view = () => statusView({ ...status(), doors: doors(), redact: secrets.redact })
  app.use(statusRoutes({ version, reload: source.reload, status: view }))
}
