import type { Exchange } from "./exchange.ts"
import type { Request } from "./request.ts"

/**
 * Who the caller's user is, for a vendor that takes no longer name than `longest` (64 at least): a longer one from another format becomes its hash,
 * so that it is still the same for the same user.
 */
export function userWithin(longest: number, { user }: Request, { client, target, note }: Exchange): string | undefined {
  if (user === undefined || user.length <= longest || client === target.wire) return user
  note({ code: "field-adapted", path: "user", effect: "adapted", side: "request" })
  return new Bun.CryptoHasher("sha256").update(user).digest("hex")
}
