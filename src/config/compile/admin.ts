import type { Path, Report } from "../problem.ts"
import type { DocumentInput } from "../schema/document.ts"
import type { Reference } from "../schema/values.ts"
import type { AdminConfig } from "../types.ts"
import { isEmptyText, type References } from "./references.ts"

/** A login may stand in two places; the one at the top counts. */
export function compileAdmin(input: DocumentInput, references: References, report: Report): AdminConfig {
  const [auth, path] =
    input.auth_config === undefined
      ? [input.governance?.auth_config, ["governance", "auth_config"]]
      : [input.auth_config, ["auth_config"]]
  const token = input.admin?.token
  if (token !== undefined && isEmptyText(token)) report.warn(["admin", "token"], "is empty, which counts as not set")
  const lookup = auth?.is_enabled === false ? references.lenient : references
  if (auth?.is_enabled !== false) checkLogin(input, auth, path, report)
  return {
    enabled: auth?.is_enabled !== false,
    token: references.secret(token, ["admin", "token"]),
    username: lookup.text(auth?.admin_username, [...path, "admin_username"]),
    password: lookup.secret(auth?.admin_password, [...path, "admin_password"]),
  }
}

type Login = DocumentInput["auth_config"]

/** What is half there lets nobody in, and what is not there at all everybody. */
function checkLogin({ admin, client }: DocumentInput, auth: Login, path: Path, report: Report): void {
  const given = (value: Reference | undefined) => value !== undefined && !isEmptyText(value)
  const [username, password] = [given(auth?.admin_username), given(auth?.admin_password)]
  if (username !== password)
    report.error(path, `needs ${username ? '"admin_password"' : '"admin_username"'} as well`, "the two are one credential")
  else if (auth?.disable_auth_on_inference === false && client?.enforce_auth_on_inference === undefined && username)
    report.warn(
      [...path, "disable_auth_on_inference"],
      "calls to models ask for no credential all the same",
      'write "enforce_auth_on_inference": true in "client" to have them ask for this one',
    )
  else if (auth?.is_enabled === true && !username && !given(admin?.token))
    report.error(
      [...path, "is_enabled"],
      "is true, and there is no credential to ask for",
      'write "admin_username" and "admin_password" beside it, or "admin": { "token": "env.NAME" }',
    )
}
