import { type Credential, credentialsIn, type DoorRules, guardedBy, hasSession, knock, type Refusal } from "./doors.ts"
import { type Guesses, guesses } from "./guesses.ts"
import { type AdminCredential, beyondGuessing, isCredential } from "./session.ts"

/** Who is let in, for as long as it takes nobody too many guesses. */
export interface Gate {
  /** Why a request may not come in; undefined lets it in. Counts wrong credentials. */
  knock(request: Request, path: string): Refusal | undefined
  /** Whether a request may see the admin side. Counts wrong credentials too, and tells of them as late as a refusal. */
  entersAdmin(request: Request): boolean | Promise<boolean>
  /** Milliseconds until credentials of this client are looked at again. */
  waitMs(request: Request): number
  /** Looks at credentials that came another way than by headers, and counts wrong ones. */
  judge(request: Request, brought: readonly Credential[], admin: AdminCredential): "in" | "wrong" | "locked"
  /** To be waited for before a wrong credential is answered. */
  pause(): Promise<void> | undefined
}

export interface GateOptions {
  rules(): DoorRules
  /** Whom to count a request to. */
  address(request: Request): string
  readonly guesses?: Guesses
}

type Verdict = "in" | "missing" | "wrong" | "locked"

export function gate({ rules, address, guesses: counted = guesses() }: GateOptions): Gate {
  function judge(request: Request, brought: readonly Credential[], admin: AdminCredential): "in" | "wrong" | "locked" {
    const opens = (what: AdminCredential) => brought.some(({ name, secret }) => isCredential(name, secret, what))
    const waits = !counted.quiet() && counted.waitMs(address(request)) > 0
    if (opens(waits ? beyondGuessing(admin) : admin)) {
      counted.right(address(request))
      return "in"
    }
    if (waits) return "locked"
    for (const { name, secret } of brought) counted.wrong(address(request), `${name}\n${secret}`)
    return "wrong"
  }

  function verdict(request: Request, admin: AdminCredential): Verdict {
    // nobody guesses a session, so one is good wherever it comes from
    if (hasSession(request.headers, admin)) return "in"
    const brought = credentialsIn(request.headers)
    return brought.length === 0 ? "missing" : judge(request, brought, admin)
  }

  return {
    knock(request, path) {
      const now = rules()
      const refusal = knock(request, path, now)
      if (refusal !== undefined) return refusal
      const place = guardedBy(request, path, now)
      if (place === undefined) return undefined
      if (!now.admin) return place === "admin" ? undefined : "inference"
      return refusalOf(place, verdict(request, now.admin))
    },
    entersAdmin(request) {
      const { admin } = rules()
      const found = admin ? verdict(request, admin) : "in"
      const pause = found === "wrong" ? counted.pause() : undefined
      return pause ? pause.then(() => false) : found === "in"
    },
    waitMs: (request) => (counted.quiet() ? 0 : counted.waitMs(address(request))),
    judge,
    pause: counted.pause,
  }
}

function refusalOf(place: "admin" | "inference", verdict: Verdict): Refusal | undefined {
  switch (verdict) {
    case "in":
      return undefined
    case "missing":
      return place
    case "wrong":
      return `wrong-${place}`
    case "locked":
      return "locked"
    default:
      return verdict satisfies never
  }
}
