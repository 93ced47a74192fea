import { signal } from "@preact/signals"
import { urlOf } from "./address.ts"

/** A request that did not bring what was asked for. `status` is absent when no answer came at all. */
export class RequestFailure extends Error {
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message)
    this.name = "RequestFailure"
  }
}

const deadlineMs = 15_000

/** The gateway wants a credential that this page has not: its session is over. */
export const shutOut = signal(false)

/** GETs JSON from the gateway; the path is relative to its root. The answer's shape is the server's promise. */
export const getJson = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  (await (await answered(path, { headers: { accept: "application/json" } }, signal)).json()) as T

/** POSTs JSON to the gateway, of whose answer only the success counts. */
export async function postJson(path: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" }
  await (await answered(path, { method: "POST", headers, body: JSON.stringify(body) })).body?.cancel()
}

async function answered(path: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
  const deadline = AbortSignal.timeout(deadlineMs)
  let response: Response
  try {
    response = await fetch(urlOf(path), {
      ...init,
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new RequestFailure(deadline.aborted ? "The gateway did not answer in 15 s." : "The gateway cannot be reached.")
  }
  shutOut.value = response.status === 401
  if (!response.ok) throw new RequestFailure(messageIn(await response.text(), response.status), response.status)
  return response
}

/** The words of an error body in any of the formats that the gateway speaks, else the status. */
export function messageIn(body: string, status: number): string {
  try {
    const parsed: unknown = JSON.parse(body)
    const error = field(parsed, "error")
    const message = typeof error === "string" ? error : (field(error, "message") ?? field(parsed, "message"))
    if (typeof message === "string" && message !== "") return message
  } catch {
    // Not JSON: a proxy's page, most likely.
  }
  const text = body.trim()
  return text !== "" && text.length < 300 && !text.startsWith("<") ? text : `The gateway answered ${status}.`
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
