import { Elysia } from "elysia"
import { only } from "./only.ts"
import type { StatusView } from "./types.ts"

export interface StatusSources {
  status(): Promise<StatusView>
  readonly version: string
  /** Reads the configuration file again, as SIGHUP does. */
  reload(): Promise<{ readonly kind: "applied" | "rejected" | "unchanged" }>
}

/** What the gateway is and how it does: `GET /api/status`, `GET /api/version`, `POST /api/config/reload`. */
export const statusRoutes = ({ status, version, reload }: StatusSources) =>
  new Elysia()
    .get("/api/status", status)
    .get("/api/version", () => ({ version }))
    .post("/api/config/reload", async () => ({ result: (await reload()).kind }))
    .all("/api/status", only("GET"), { parse: "none" })
    .all("/api/version", only("GET"), { parse: "none" })
    .all("/api/config/reload", only("POST"), { parse: "none" })
