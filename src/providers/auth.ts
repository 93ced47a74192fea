import type { Auth } from "../core/provider.ts"

export const bearer: Auth = (headers, credential) => {
  if (credential !== undefined) headers.set("authorization", `Bearer ${credential}`)
}

/** The key in a header of the vendor's own. */
export const keyHeader =
  (name: string): Auth =>
  (headers, credential) => {
    if (credential !== undefined) headers.set(name, credential)
  }
