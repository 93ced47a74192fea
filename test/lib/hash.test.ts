import { expect, test } from "bun:test"
import { sha256 } from "../../src/lib/hash.ts"

test("sha256", () => {
  expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  expect(sha256(new TextEncoder().encode("é"))).toBe(sha256("é"))
})
