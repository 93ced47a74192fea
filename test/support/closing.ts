/** The value, with what it is made of ended along with it: one after the other, in the order given. */
export const closing = <Value extends object>(value: Value, ...parts: readonly AsyncDisposable[]): Value & AsyncDisposable =>
  Object.assign(value, {
    async [Symbol.asyncDispose]() {
      for (const part of parts) await part[Symbol.asyncDispose]()
    },
  })
