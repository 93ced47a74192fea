import { createHash } from "node:crypto"

const MASK = "••••"

/**
 * A credential that cannot be printed by accident: string conversion, JSON, inspection and structured clones show a mask.
 * `reveal()` is the only way to the value. `origin` names where it was read from (`env.NAME`), when it was not written out.
 */
export class Secret {
  readonly #value: string
  readonly origin: string | undefined

  constructor(value: string, origin?: string) {
    this.#value = value
    this.origin = origin
  }

  reveal(): string {
    return this.#value
  }

  /** A short, one-way fingerprint: equal for equal values, safe to show. 12 hexadecimal digits. */
  digest(): string {
    return createHash("sha256").update(this.#value).digest("hex").slice(0, 12)
  }

  /** The last four characters of a long secret, so that a person can tell two apart; nothing of a short one. */
  masked(): string {
    return this.#value.length >= 20 ? `${MASK}${this.#value.slice(-4)}` : MASK
  }

  toString(): string {
    return this.masked()
  }

  toJSON(): string {
    return this.masked()
  }

  [Symbol.toPrimitive](): string {
    return this.masked()
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `Secret(${this.origin ?? this.masked()})`
  }
}
