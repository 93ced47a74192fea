import { fault } from "../../core/error.ts"
import { refusal } from "./refusal.ts"

/** For all other methods of a path that takes one: a refusal that names it. */
export const only =
  (method: "GET" | "POST") =>
  ({ request, path }: { readonly request: Request; readonly path: string }): Response => {
    const said = `${path.slice(0, 200)} takes ${method}, not ${request.method}`
    const response = refusal(fault("method-not-allowed", said).error)
    response.headers.set("allow", method === "GET" ? "GET, HEAD" : method)
    return response
  }
