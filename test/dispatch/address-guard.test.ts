import { describe, expect, test } from "bun:test"
import { addressGuard } from "../../src/dispatch/address-guard.ts"

const closed = addressGuard({ provider: "p", allowPrivateNetwork: false })
const open = addressGuard({ provider: "p", allowPrivateNetwork: true })

describe("addresses of hosts that need no lookup", () => {
  const found: readonly (readonly [host: string, addresses: readonly string[]])[] = [
    ["127.0.0.1", ["127.0.0.1"]],
    ["127.8.9.10", ["127.8.9.10"]],
    ["[::1]", ["::1"]],
    ["[::ffff:7f00:1]", ["::ffff:7f00:1"]],
    ["localhost", ["127.0.0.1", "::1"]],
    ["models.localhost", ["127.0.0.1", "::1"]],
    ["1.1.1.1", ["1.1.1.1"]],
    ["[2606:4700::1111]", ["2606:4700::1111"]],
  ]
  for (const [host, addresses] of found)
    test(host, async () => {
      expect(await closed(host)).toEqual(addresses)
      expect(await open(host)).toEqual(addresses)
    })

  for (const host of [
    "169.254.169.254",
    "[fe80::1]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]",
    "224.0.0.1",
    "192.0.2.1",
    "",
    "a b",
  ])
    test(`${JSON.stringify(host)} is refused always`, async () => {
      await expect(closed(host)).rejects.toMatchObject({ error: { kind: "no-provider" } })
      await expect(open(host)).rejects.toMatchObject({ error: { kind: "no-provider" } })
    })

  for (const host of ["metadata", "metadata.google.internal", "METADATA.google.internal."])
    test(`${host} is refused by its name`, async () => {
      await expect(open(host)).rejects.toMatchObject({ error: { kind: "no-provider" } })
    })

  for (const host of ["10.0.0.1", "172.31.0.1", "192.168.1.1", "100.64.0.1", "[fd00::1]", "[::ffff:a00:1]"])
    test(`${host} is refused unless private ones are allowed`, async () => {
      await expect(closed(host)).rejects.toThrow(/allow_private_network/)
      expect(await open(host)).toEqual([host.replace(/[[\]]/g, "")])
    })
})

test("a proxy looks names up, but no refused address goes to it either", async () => {
  const proxied = addressGuard({ provider: "p", allowPrivateNetwork: false, proxy: { url: "http://proxy" } })
  expect(await proxied("models.example.invalid")).toEqual(["models.example.invalid"])
  await expect(proxied("169.254.169.254")).rejects.toMatchObject({ error: { kind: "no-provider" } })
})

test("a name that nobody knows is the network's failure, each time anew", async () => {
  for (let n = 0; n < 2; n += 1) await expect(closed("nobody.invalid")).rejects.toMatchObject({ error: { kind: "network" } })
})
