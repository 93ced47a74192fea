import type { CallRecord } from "../core/record.ts"

/** A failed call in one line, for the console. */
export const complaint = ({ id, status, requestedModel, provider, error }: CallRecord): string =>
  `call ${id} ended with ${status}: ${error?.message ?? ""} (${requestedModel}${provider === undefined ? "" : ` at ${provider}`})`
