import { Elysia } from "elysia"
import { fault } from "../../core/error.ts"
import type { LogStore } from "../../core/record.ts"
import { stringifyJson } from "../../lib/json.ts"
import { byteMask } from "../../lib/mask-bytes.ts"
import { onceFor } from "../../lib/once-for.ts"
import { type SecretBox, secretBox, shortestKnown } from "../../lib/secret-box.ts"
import { asFault } from "../faults.ts"
import { type DecodePayload, type EntryReading, entryView } from "./log-entry.ts"
import { defaultLimit, logQueryOf, parametersOf } from "./log-query.ts"
import { only } from "./only.ts"
import { refusal } from "./refusal.ts"
import type { LogsView } from "./types.ts"

export interface LogRoutesOptions {
  store(): LogStore
  readonly decode?: DecodePayload
  /** The gateway's own secrets, which payloads are shown without: the log may hold one that was not known yet when it was written. */
  readonly secrets?: Pick<SecretBox, "redactKnown" | "spellings">
}

/** The log for dashboards: a list by pages, one call with its payloads, and what was lost. */
export function logRoutes({ store, decode = () => undefined, secrets = secretBox() }: LogRoutesOptions) {
  const maskOf = onceFor((texts: readonly string[]) => byteMask(texts, shortestKnown))
  const reading = (): EntryReading => ({ decode, redact: secrets.redactKnown, mask: maskOf(secrets.spellings()) })
  return new Elysia({ name: "logs" })
    .get("/api/logs", ({ request }) => answered(() => list(store(), request)))
    .get("/api/logs/dropped", () => {
      const { dropped, queued, state } = store().health()
      return Response.json({ dropped, queued, state })
    })
    .get("/api/logs/:id", ({ params }) => answered(() => one(store(), params.id, reading())))
    .all("/api/logs", only("GET"), { parse: "none" })
    .all("/api/logs/dropped", only("GET"), { parse: "none" })
    .all("/api/logs/:id", only("GET"), { parse: "none" })
}

async function list(store: LogStore, { url, signal }: Request): Promise<Response> {
  const query = logQueryOf(parametersOf(new URL(url).searchParams))
  const { records, cursor, complete, unreadable } = await store.list(query, signal)
  const view: LogsView = {
    logs: records,
    pagination: {
      limit: query.limit ?? defaultLimit,
      ...(cursor === undefined ? {} : { cursor }),
      has_more: cursor !== undefined,
    },
    complete,
    ...(unreadable === undefined ? {} : { unreadable_days: unreadable }),
  }
  return Response.json(view)
}

async function one(store: LogStore, id: string, reading: EntryReading): Promise<Response> {
  const entry = await store.get(id)
  if (!entry) throw fault("not-found", `no call that can be read in the log has the id ${id.slice(0, 128)}`, { param: "id" })
  const { payloads, ...rest } = entryView(entry, reading)
  const shown = payloads.map(({ decoded, ...told }) => {
    const text = JSON.stringify(told)
    return decoded === undefined ? text : `${text.slice(0, -1)},"decoded":${stringifyJson(decoded)}}`
  })
  const body = `${JSON.stringify(rest).slice(0, -1)},"payloads":[${shown.join(",")}]}`
  return new Response(body, { headers: { "content-type": "application/json" } })
}

async function answered(answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer()
  } catch (problem) {
    return refusal(asFault(problem).error)
  }
}
