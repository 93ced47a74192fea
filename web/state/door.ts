import { signal } from "@preact/signals"
import type { SessionView } from "../../src/http/api/types.ts"
import { endEntering, enter, isEntering } from "./entry.ts"
import { getJson, postJson, RequestFailure } from "./http.ts"

/** What the form asks for; the token until the gateway has said otherwise. */
export const asksFor = signal<SessionView["asks_for"]>("token")
export const signingIn = signal(false)
/** Why the last try did not open. `wrong` is the caller's to mend, by typing anew. */
export const signInError = signal<{ readonly message: string; readonly wrong: boolean } | undefined>(undefined)

/**
 * Asks what the form is to ask for. A link from another site brings no cookie with it, so who is signed in already goes on at once, with a request
 * of our own.
 */
export async function loadDoor(): Promise<void> {
  try {
    const view = await getJson<SessionView>("api/session/is-auth-enabled")
    asksFor.value = view.asks_for
    if (view.has_valid_token && !isEntering()) enter()
    else endEntering()
  } catch (error) {
    signInError.value = { message: error instanceof Error ? error.message : String(error), wrong: false }
  }
}

/** `name` is for a login of name and password; a token has none. */
export async function signIn(name: string, secret: string): Promise<void> {
  if (signingIn.peek()) return
  signingIn.value = true
  signInError.value = undefined
  try {
    await postJson("api/session/login", asksFor.peek() === "token" ? { token: secret } : { username: name, password: secret })
    enter()
  } catch (error) {
    const failure = error instanceof RequestFailure ? error : undefined
    signInError.value = { message: failure?.message ?? String(error), wrong: failure?.status === 401 }
    signingIn.value = false
  }
}
