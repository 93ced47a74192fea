import { useSignal } from "@preact/signals"
import { useLayoutEffect, useRef } from "preact/hooks"
import { Mark } from "../../components/mark.tsx"
import { Plate } from "../../components/plate.tsx"
import { asksFor, signIn, signInError, signingIn } from "../../state/door.ts"

/** What those see who have not shown the admin credential yet. */
export function SignIn() {
  const name = useSignal("")
  const secret = useSignal("")
  const nameField = useRef<HTMLInputElement>(null)
  const field = useRef<HTMLInputElement>(null)
  const token = asksFor.value === "token"
  const wrong = signInError.value?.wrong === true
  useLayoutEffect(() => {
    if (wrong) field.current?.select()
    else (nameField.current ?? field.current)?.focus()
  }, [wrong, signInError.value, token])
  const submit = (event: Event) => {
    event.preventDefault()
    if (secret.value.trim() !== "") void signIn(name.value, secret.value.trim())
    else field.current?.focus()
  }
  return (
    <main class="door">
      <h1 class="door-brand">
        <Plate /> Gantry
      </h1>
      <form class="door-form sheet" onSubmit={submit}>
        <h2>Sign in</h2>
        {!token && (
          <label class="field">
            <span class="field-label">Name</span>
            <input
              ref={nameField}
              type="text"
              autocomplete="username"
              value={name.value}
              onInput={({ currentTarget }) => {
                name.value = currentTarget.value
              }}
            />
          </label>
        )}
        <label class="field">
          <span class="field-label">{token ? "Admin token" : "Password"}</span>
          <input
            ref={field}
            type="password"
            class={token ? "mono" : undefined}
            autocomplete="current-password"
            value={secret.value}
            aria-invalid={wrong}
            aria-describedby="door-error door-hint"
            onInput={({ currentTarget }) => {
              secret.value = currentTarget.value
            }}
          />
        </label>
        <div id="door-error" class="door-error" role="alert">
          {signInError.value !== undefined && <Mark tone="bad" word={signInError.value.message} />}
        </div>
        <button type="submit" class="button button-main" disabled={signingIn.value}>
          {signingIn.value ? "Signing in…" : "Sign in"}
        </button>
        <p id="door-hint" class="note">
          {token ? (
            <>
              It is <code>admin.token</code> of the configuration. Where none is set, the gateway makes one and prints it at each
              start.
            </>
          ) : (
            <>
              They are <code>admin_username</code> and <code>admin_password</code> of the configuration's <code>auth_config</code>
              .
            </>
          )}
        </p>
      </form>
    </main>
  )
}
