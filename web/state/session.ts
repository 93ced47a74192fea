import { signal } from "@preact/signals"
import type { SessionView } from "../../src/http/api/types.ts"
import { endEntering } from "./entry.ts"
import { getJson, postJson } from "./http.ts"

/** Whether there is a session that one could leave. */
export const guarded = signal(false)

endEntering()
void getJson<SessionView>("api/session/is-auth-enabled").then(
  (view) => {
    guarded.value = view.is_auth_enabled
  },
  () => {},
)

export async function signOut(): Promise<void> {
  await postJson("api/session/logout", {})
  askToSignIn()
}

/** Loads this address again, which then asks for the credential. */
export const askToSignIn = (): void => location.replace(location.pathname + location.search)
