import { Elysia } from "elysia"
import { fault } from "../../core/error.ts"
import type { LogEntry, LogStore } from "../../core/record.ts"
import { byteMask } from "../../lib/mask-bytes.ts"
import { onceFor } from "../../lib/once-for.ts"
import { type SecretBox, secretBox, shortestKnown } from "../../lib/secret-box.ts"
import { asFault } from "../faults.ts"
import { type DecodePayload, entryJson } from "./log-entry.ts"
import { defaultLimit, logQueryOf, parametersOf } from "./log-query.ts"
import { only } from "./only.ts"
import { refusal } from "./refusal.ts"
import type { LogsView } from "./types.ts"
import type { ViewElsewhere } from "./view-link.ts"

export interface LogRoutesOptions {
  store(): LogStore
  readonly decode?: DecodePayload
  /** The gateway's own secrets, which payloads are shown without: the log may hold one that was not known yet when it was written. */
  readonly secrets?: Pick<SecretBox, "redactKnown" | "spellings">
  /** Makes the answers that would take this thread long; without it they are made here. */
  readonly elsewhere?: ViewElsewhere
}

/** Bytes of payloads that are decoded and written out in a few milliseconds. */
const shownAtOnce = 64 * 1024

/** The log for dashboards: a list by pages, one call with its payloads, and what was lost. */
export function logRoutes({ store, decode = () => undefined, secrets = secretBox(), elsewhere }: LogRoutesOptions) {
  const maskOf = onceFor((texts: readonly string[]) => byteMask(texts, shortestKnown))
  const show: ShowEntry = async (entry) => {
    const texts = secrets.spellings()
    const size = entry.payloads.reduce((sum, { bytes }) => sum + bytes.length, 0)
    if (elsewhere && size > shownAtOnce) return elsewhere(entry, texts)
    return entryJson(entry, { decode, redact: secrets.redactKnown, mask: maskOf(texts) })
  }
  return new Elysia({ name: "logs" })
    .get("/api/logs", ({ request }) => answered(() => list(store(), request)))
    .get("/api/logs/dropped", () => {
      const { dropped, queued, state } = store().health()
      return Response.json({ dropped, queued, state })
    })
    .get("/api/logs/:id", ({ params }) => answered(() => one(store(), params.id, show)))
    .all("/api/logs", only("GET"), { parse: "none" })
    .all("/api/logs/dropped", only("GET"), { parse: "none" })
    .all("/api/logs/:id", only("GET"), { parse: "none" })
}

type ShowEntry = (entry: LogEntry) => Promise<string | Uint8Array<ArrayBuffer>>

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

async function one(store: LogStore, id: string, show: ShowEntry): Promise<Response> {
  const entry = await store.get(id)
  if (!entry) throw fault("not-found", `no call that can be read in the log has the id ${id.slice(0, 128)}`, { param: "id" })
  const shown = await show(entry)
  const body = typeof shown === "string" ? shown : slices(shown)
  return new Response(body as BodyInit, { headers: { "content-type": "application/json" } })
}

const sliceBytes = 256 * 1024

/** A body in one piece would be copied at once, which takes half a second a GiB, and held until the client has read all of it. */
async function* slices(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let start = 0; start < bytes.length; start += sliceBytes) yield bytes.subarray(start, start + sliceBytes)
}

async function answered(answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer()
  } catch (problem) {
    return refusal(asFault(problem).error)
  }
}
