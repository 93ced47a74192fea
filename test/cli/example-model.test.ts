import { expect, test } from "bun:test"
import { exampleModel } from "../../src/cli/example-model.ts"
import type { KeyEntry, ProviderEntry } from "../../src/core/registry.ts"

const key = (...names: string[]): Pick<KeyEntry, "names"> => ({ names })
const provider = (id: string, standIn: boolean, ...keys: Pick<KeyEntry, "names">[]): ProviderEntry =>
  ({ id, standIn, keys }) as unknown as ProviderEntry

test("a model that chats, of a provider that is no stand-in, spelled out before listed", () => {
  const parrot = provider("parrot", true, key())
  const acme = provider("acme", false, key("acme-embed", "own"))
  const listed = ["parrot/echo", "acme/whisper-1", "acme/listed"]
  expect(exampleModel([parrot, acme], listed)).toBe("acme/own")
  expect(exampleModel([parrot, provider("acme", false, key())], listed)).toBe("acme/listed")
  expect(exampleModel([parrot, provider("acme", false, key())], ["parrot/echo"])).toBe("parrot/echo")
  expect(exampleModel([parrot], [])).toBeUndefined()
})
