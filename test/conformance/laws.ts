import type { Law } from "./law.ts"
import { accounting } from "./laws/accounting.ts"
import { canary } from "./laws/canary.ts"
import { chunking } from "./laws/chunking.ts"
import { demands } from "./laws/demands.ts"
import { errors } from "./laws/errors.ts"
import { exactText } from "./laws/exact-text.ts"
import { fold } from "./laws/fold.ts"
import { garbage } from "./laws/garbage.ts"
import { identity } from "./laws/identity.ts"
import { lifecycle } from "./laws/lifecycle.ts"
import { locality } from "./laws/locality.ts"
import { money } from "./laws/money.ts"
import { relay } from "./laws/relay.ts"
import { seals } from "./laws/seals.ts"
import { semantics } from "./laws/semantics.ts"
import { totality } from "./laws/totality.ts"
import { truncation } from "./laws/truncation.ts"

export const laws: readonly Law[] = [
  identity,
  relay,
  semantics,
  chunking,
  fold,
  lifecycle,
  totality,
  garbage,
  accounting,
  demands,
  errors,
  truncation,
  locality,
  canary,
  seals,
  exactText,
  money,
]
