import type { Config } from "../config/types.ts"
import type { DoorRules } from "./doors.ts"

/** A login that the file has switched off opens nothing and shuts nothing. */
const passwordOf = ({ admin }: Config): string | undefined => (admin.enabled ? admin.password?.reveal() : undefined)

/** Whether the file sets a credential for the admin side. */
export const hasAdmin = (config: Config): boolean => config.admin.token !== undefined || passwordOf(config) !== undefined

/** A credential for a gateway that others can reach and whose file sets none. */
export const newToken = (): string => `gantry-${Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString("base64url")}`

/** The doors as a configuration wants them. */
export function doorRules(config: Config, loopback: boolean, madeToken: string | undefined): DoorRules {
  const { admin, client } = config
  const password = passwordOf(config)
  const token = admin.token?.reveal() ?? (password === undefined ? madeToken : undefined)
  return {
    loopback,
    allowedHosts: client.allowedHosts,
    allowedOrigins: client.allowedOrigins,
    guardInference: client.enforceAuthOnInference,
    ...(token === undefined && password === undefined ? {} : { admin: { token, username: admin.username, password } }),
  }
}
