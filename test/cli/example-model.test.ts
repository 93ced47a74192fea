import { expect, test } from "bun:test"
import { exampleModel, listModels } from "../../src/cli/example-model.ts"
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

test("a list that cannot be had is empty", async () => {
  using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) =>
      new URL(request.url).pathname === "/ok/v1/models"
        ? Response.json({ data: [{ id: "a/b" }, {}, { id: 3 }] })
        : new Response("?"),
  })
  expect(await listModels(`${server.url.origin}/ok`, 5_000)).toEqual(["a/b"])
  expect(await listModels(server.url.origin, 5_000)).toEqual([])
})
