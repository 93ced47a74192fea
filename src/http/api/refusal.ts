import { type GatewayError, statusOf } from "../../core/error.ts"

/** An error as the admin API says it. */
export function refusal({ kind, message, param, retryAfterMs }: GatewayError): Response {
  const body = { error: { type: kind, message, ...(param === undefined ? {} : { param }) } }
  const headers = retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) }
  return Response.json(body, { status: statusOf(kind), headers })
}
