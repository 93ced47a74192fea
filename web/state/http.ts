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

/** GETs JSON from the gateway; the path is relative to its root. The answer's shape is the server's promise. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const deadline = AbortSignal.timeout(deadlineMs)
  let response: Response
  try {
    response = await fetch(urlOf(path), {
      headers: { accept: "application/json" },
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new RequestFailure(deadline.aborted ? "The gateway did not answer in 15 s." : "The gateway cannot be reached.")
  }
  if (!response.ok) throw new RequestFailure(messageIn(await response.text(), response.status), response.status)
  return (await response.json()) as T
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
