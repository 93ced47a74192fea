import { expect, test } from "bun:test"
import { sha256, shortHash } from "../../src/lib/hash.ts"

test("shortHash is XXH64 with seed 0", () => {
  expect(shortHash("")).toBe("ef46db3751d8e999")
  expect(shortHash("abc")).toBe("44bc2cf5ad770999")
  expect(shortHash(new TextEncoder().encode("abc"))).toBe(shortHash("abc"))
})

test("sha256", () => {
  expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  expect(sha256(new TextEncoder().encode("é"))).toBe(sha256("é"))
})
