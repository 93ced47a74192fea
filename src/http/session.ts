import { timingSafeEqual } from "node:crypto"
import { fault, type GatewayFault } from "../core/error.ts"

/** The credentials that open the admin side. */
export interface AdminCredential {
  readonly token?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
}

/** What a refusal asks for. Browsers have no prompt of their own for it, unlike for `Basic`, which opens as well. */
export const challenge = 'Bearer realm="Gantry"'

/** How to bring the credential, for those who came without. */
export const howToEnter = ({ token }: AdminCredential): string =>
  token === undefined
    ? "this needs the admin's name and password: send them as Basic credentials (curl: -u NAME:PASSWORD), or sign in on the page at /"
    : "this needs the admin token: send `authorization: Bearer TOKEN` (curl: -H 'authorization: Bearer TOKEN'), or sign in on the page at /"

export const closedInference = "inference is closed here (client.enforce_auth_on_inference): send the admin token as the API key"

/** For those who came with something that is not it, however near. */
export const notAccepted = (howTo: string): string => `the credential that was sent is not accepted: ${howTo}`

/** Whoever has guessed too often waits, with the right credential too where it can be guessed: else guessing would go on. */
export function tooManyGuesses(waitMs: number): GatewayFault {
  const retryAfterMs = Math.max(1_000, waitMs)
  const minutes = Math.ceil(retryAfterMs / 60_000)
  const when = retryAfterMs < 60_000 ? "in a moment" : `in ${minutes} ${minutes === 1 ? "minute" : "minutes"}`
  return fault("rate-limit", `Too many wrong credentials have come from this address. Try again ${when}.`, {
    blame: "caller",
    retryAfterMs,
  })
}

export const sessionCookieName = "gantry_session"
export const sessionSeconds = 7 * 24 * 3_600

/** Stands in for a token where the credential is a password alone: a stolen cookie is then no way to guess it. */
const ours = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url")

/** What a browser keeps after a sign-in: when it ends, and a proof that only the credential's owner can make. Ends with the credential. */
export function sessionValue(admin: AdminCredential, now: number): string {
  const end = Math.floor(now / 1_000) + sessionSeconds
  return `${end}.${proof(admin, end)}`
}

export function isSession(value: string, admin: AdminCredential, now: number): boolean {
  const [, end = "", told = ""] = /^(\d{1,12})\.([\w-]{43})$/.exec(value) ?? []
  return told !== "" && Number(end) * 1_000 > now && same(told, proof(admin, Number(end)))
}

function proof({ token, username = "", password = "" }: AdminCredential, end: number): string {
  const key = `${token ?? ours}\n${username}\n${password}`
  return new Bun.CryptoHasher("sha256", key).update(`gantry session until ${end}`).digest("base64url")
}

/** Whether a name and a secret are the credential; a token opens with any name. */
export function isCredential(name: string, secret: string, { token, username, password }: AdminCredential): boolean {
  if (token !== undefined && same(secret, token)) return true
  return username !== undefined && password !== undefined && same(name, username) && same(secret, password)
}

/**
 * What of a credential nobody finds by trying, at whatever rate, so that whoever brings it need not wait for others' guesses: as long as the tokens
 * that are made here, or nearly so, and not the same few characters again and again.
 */
export const beyondGuessing = ({ token, username, password }: AdminCredential): AdminCredential => ({
  ...(isLong(token) ? { token } : {}),
  ...(isLong(password) ? { username, password } : {}),
})

const longFrom = 32
const fewestCharacters = 8

const isLong = (secret: string | undefined): boolean =>
  secret !== undefined && secret.length >= longFrom && new Set(secret).size >= fewestCharacters

/** Compares in a time that tells nothing of where two texts differ. */
function same(left: string, right: string): boolean {
  const hash = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest()
  return timingSafeEqual(hash(left), hash(right))
}
