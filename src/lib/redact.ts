/** What stands where a secret stood. */
export const REDACTED = "[redacted]"

/** Keys that are recognisable by themselves: vendors' prefixes, cloud access keys, JSON web tokens. */
const KEY_SHAPES =
  /\b(?:sk|pk|rk|gsk|xai|pplx|csk|hf|gh[opsur]|github_pat|glpat|xox[abeoprs]|nvapi|fw|tvly|ya29)[-_.][\w-]{12,}|\bAIza[\w-]{30,}|\bA(?:KIA|SIA)[A-Z\d]{16}\b|\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g
/** `basic` and `token` are also words, so what follows them has to look made. */
const SCHEMES = /\b(bearer|(?:basic|token)(?=\s+[\w.~+/-]*[\d=]))(\s+)[\w.~+/=-]{8,}/gi
const USERINFO = /(\b[a-z][a-z\d+.-]{0,30}:\/\/)[^\s/?#@"'<>]{1,1000}@/gi
const SECRET_NAME =
  "(?:[\\w-]{0,40}(?:api[-_]?key|access[-_]?key(?:[-_]?id)?|secret|password|passwd|token|credential|signature)|authorization|proxy-authorization|cookie|set-cookie|key|sig|pwd)"
const QUERY = new RegExp(`([?&;]${SECRET_NAME}=)[^&;#\\s"'<>]+`, "gi")
/** `name: value` and `"name": "value"`, the quotes escaped or not. */
const ASSIGNED = new RegExp(
  `(\\b(?:x-)?(?:[\\w-]{0,40}api[-_]?key|(?:client|access)[-_]?secret|secret[-_]access[-_]key|password|authorization)` +
    `\\\\?["']?\\s{0,4}[:=]\\s{0,4}\\\\?)("(?:[^"\\\\]|\\\\.)*"|["']?[^\\s,;"'}&\\\\]+)`,
  "gi",
)
const DONE = /^["']?(?:(?:bearer|basic|token)$|(?:(?:bearer|basic|token)\s+)?\[redacted\])/i

/** Takes out what looks like a secret: vendor keys, bearer values, URL userinfo, key parameters, `api_key: …`. 20 ms per MB: for lines and errors, not for bodies. */
export function redactText(text: string): string {
  return text
    .replace(USERINFO, `$1${REDACTED}@`)
    .replace(SCHEMES, `$1$2${REDACTED}`)
    .replace(QUERY, `$1${REDACTED}`)
    .replace(ASSIGNED, (whole, name: string, value: string) => (DONE.test(value) ? whole : name + blanked(value)))
    .replace(KEY_SHAPES, REDACTED)
}

function blanked(value: string): string {
  const quote = value.startsWith('"') ? '"' : ""
  return quote + REDACTED + (value.endsWith('"') ? quote : "")
}

/** For display: the first 6 and last 4 characters of a long secret, 4 and 4 of a middling one, nothing of a short one. */
export function maskSecret(secret: string): string {
  if (secret.length < 20) return "…"
  return `${secret.slice(0, secret.length < 32 ? 4 : 6)}…${secret.slice(-4)}`
}
