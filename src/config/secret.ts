import { maskSecret } from "../lib/redact.ts"

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

  /** The mask. */
  toString(): string {
    return maskSecret(this.#value)
  }

  toJSON(): string {
    return this.toString()
  }

  [Symbol.toPrimitive](): string {
    return this.toString()
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `Secret(${this.origin ?? this.toString()})`
  }
}
