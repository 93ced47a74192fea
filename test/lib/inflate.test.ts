import { describe, expect, test } from "bun:test"
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib"
import { CorruptBodyError, InflatedTooLargeError, inflate, UnsupportedEncodingError } from "../../src/lib/inflate.ts"

const TEXT = Buffer.from("a body of some length ".repeat(5000))
const CODECS = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: (bytes: Uint8Array) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: zstdCompressSync,
} as const

describe("inflate", () => {
  for (const [encoding, compress] of Object.entries(CODECS)) {
    test(`${encoding}: whole, at the bound, past it, cut off, damaged`, async () => {
      const body = compress(TEXT)
      expect(Buffer.from(await inflate(body, encoding, { maxBytes: TEXT.length })).equals(TEXT)).toBe(true)
      await expect(inflate(body, encoding, { maxBytes: TEXT.length - 1 })).rejects.toBeInstanceOf(InflatedTooLargeError)
      await expect(inflate(body.subarray(0, body.length - 5), encoding, { maxBytes: TEXT.length })).rejects.toBeInstanceOf(
        CorruptBodyError,
      )
      await expect(inflate(Buffer.from("not compressed at all"), encoding, { maxBytes: 1000 })).rejects.toBeInstanceOf(
        CorruptBodyError,
      )
    })

    test(`${encoding}: a bomb stops at the bound`, async () => {
      const bomb = compress(Buffer.alloc(128 << 20))
      const before = process.memoryUsage().rss
      expect(await inflate(bomb, encoding, { maxBytes: 1 << 20 }).catch((error) => error)).toBeInstanceOf(InflatedTooLargeError)
      expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20)
    })
  }

  test("several encodings, raw deflate, identity and none", async () => {
    const options = { maxBytes: TEXT.length }
    expect(Buffer.from(await inflate(gzipSync(zstdCompressSync(TEXT)), "zstd, GZIP", options)).equals(TEXT)).toBe(true)
    expect(Buffer.from(await inflate(deflateRawSync(TEXT), "deflate", options)).equals(TEXT)).toBe(true)
    expect(await inflate(TEXT, "identity", options)).toBe(TEXT)
    expect(await inflate(TEXT, "", options)).toBe(TEXT)
    await expect(inflate(TEXT, "", { maxBytes: 10 })).rejects.toBeInstanceOf(InflatedTooLargeError)
  })

  test("zstd: every cut is found, frames add up", async () => {
    const one = zstdCompressSync(Buffer.from("one"))
    const two = zstdCompressSync(TEXT, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
    const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9])
    expect(Buffer.from(await inflate(Buffer.concat([one, skipped, two]), "zstd", { maxBytes: 1 << 20 })).toString()).toBe(
      `one${TEXT}`,
    )
    for (let size = 0; size < two.length; size++) {
      await expect(inflate(two.subarray(0, size), "zstd", { maxBytes: 1 << 20 })).rejects.toBeInstanceOf(CorruptBodyError)
    }
  })

  test("refuses what it does not know", async () => {
    await expect(inflate(TEXT, "compress", { maxBytes: 10 })).rejects.toBeInstanceOf(UnsupportedEncodingError)
    await expect(inflate(TEXT, "gzip,gzip,gzip,gzip", { maxBytes: 10 })).rejects.toBeInstanceOf(UnsupportedEncodingError)
  })

  test("an abort ends it with its reason", async () => {
    const controller = new AbortController()
    const bomb = gzipSync(Buffer.alloc(64 << 20))
    const inflating = inflate(bomb, "gzip", { maxBytes: 1 << 30, signal: controller.signal }).catch((error) => error)
    const reason = new Error("gone")
    controller.abort(reason)
    expect(await inflating).toBe(reason)
  })
})
