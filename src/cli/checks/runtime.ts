import type { Environment } from "../../config/facts.ts"
import { version } from "../../version.ts"
import type { Finding } from "./finding.ts"

/** Fewer streams at once than this are soon reached by a team's agents. */
const fewRequests = 1_024

/** What Bun was started with; `ensureRuntime` sets what nobody else did. */
export function checkRuntime(env: Environment): readonly Finding[] {
  const requests = Number(env.BUN_CONFIG_MAX_HTTP_REQUESTS ?? 256)
  const http2 = env.BUN_FEATURE_FLAG_EXPERIMENTAL_HTTP2_CLIENT
  return [
    { level: "ok", subject: "version", text: `gantry ${version}, Bun ${Bun.version}, ${process.platform} ${process.arch}` },
    requests >= fewRequests
      ? { level: "ok", subject: "calls at once", text: `up to ${requests}` }
      : {
          level: "warn",
          subject: "calls at once",
          text: `up to ${requests}: further ones wait`,
          hint: "unset BUN_CONFIG_MAX_HTTP_REQUESTS, or set it to 65535",
        },
    http2 === "1" || http2 === "true"
      ? { level: "ok", subject: "HTTP/2", text: "offered to providers" }
      : {
          level: "warn",
          subject: "HTTP/2",
          text: "not offered to providers",
          hint: "unset BUN_FEATURE_FLAG_EXPERIMENTAL_HTTP2_CLIENT",
        },
  ]
}
