import type { Quirk } from "../../core/provider.ts"
import { asNumber } from "../../lib/json.ts"

/** Raises a limit that a server would refuse as too low. */
export const leastOutput =
  (least: number): Quirk =>
  (body, exchange) => {
    const limit = asNumber(body.max_output_tokens)
    if (limit === undefined || limit >= least) return body
    exchange.note({ code: "field-adapted", path: "maxOutput", effect: "adapted", side: "request" })
    return { ...body, max_output_tokens: least }
  }
