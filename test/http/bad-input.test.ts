import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib"
import { type ClientWire, clients, post } from "../dispatch/gateway.ts"
import { type Lanes, openLanes, refusedBy } from "./lanes.ts"

let lanes: Lanes
beforeAll(async () => {
  lanes = await openLanes({ max_request_body_size_mb: 1 })
})
afterAll(() => lanes[Symbol.asyncDispose]())

type Bytes = string | Uint8Array<ArrayBuffer>

const send = (client: ClientWire, body: Bytes, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(lanes.url + client.path, { method: "POST", body, headers: { "content-type": "application/json", ...headers } })

const codecs: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: (bytes) => zstdCompressSync(bytes),
}

const bombs = new Map<string, Uint8Array<ArrayBuffer>>()

/** A few kilobytes that inflate to 32 MiB. */
function bombOf(encoding: string): Uint8Array<ArrayBuffer> {
  const made = bombs.get(encoding) ?? new Uint8Array(codecs[encoding]?.(Buffer.alloc(32 << 20, 0x20)) ?? [])
  bombs.set(encoding, made)
  return made
}

const arrivals = () => [...lanes.upstreams.values()].reduce((sum, upstream) => sum + upstream.requests.length, 0)

for (const client of clients) {
  describe(client.id, () => {
    const own = `${client.id}/m`
    const good = JSON.stringify(client.body(own))

    const unreadable: readonly (readonly [string, string])[] = [
      ["nothing", ""],
      ["white space", " \n "],
      ["a word", "nul"],
      ["a list", "[]"],
      ["a string", '"model"'],
      ["a number", "12"],
      ["an object that never ends", '{"model":"x","messages":[{"role":"user"'],
      ["a string that never ends", '{"model":"x'],
      ["brackets that do not match", `${good.slice(0, -1)}]`],
      ["a comma too many", `${good.slice(0, -1)},}`],
      ["a comma too few", '{"model":"x" "messages":[]}'],
      ["a key without quotes", '{model:"x"}'],
      ["single quotes", "{'model':'x'}"],
      ["text after the end", `${good} x`],
      ["two bodies", good + good],
      ["a form", "model=x&messages=y"],
      ["a NUL", '{"model":"x"\u0000}'],
    ]
    for (const [name, body] of unreadable) {
      test(`${name} is 400 and says that it is no JSON`, async () => {
        const before = arrivals()
        const refused = await refusedBy(client, await send(client, body))
        expect(refused.status).toBe(400)
        expect(refused.message).toMatch(/JSON/)
        expect(arrivals()).toBe(before)
      })
    }

    const misshapen: readonly (readonly [string, object, string])[] = [
      ["no model", { model: undefined }, "model"],
      ["an empty model", { model: "" }, "model"],
      ["null for a model", { model: null }, "model"],
      ["a number for a model", { model: 5 }, "model"],
      ["a list for a model", { model: [own] }, "model"],
      ["a word for stream", { stream: "true" }, "stream"],
      ["a number for stream", { stream: 1 }, "stream"],
    ]
    for (const [name, change, field] of misshapen) {
      test(`${name} is 400 and names ${field}`, async () => {
        const refused = await refusedBy(client, await send(client, JSON.stringify({ ...client.body(own), ...change })))
        expect(refused.status).toBe(400)
        expect(refused.message).toContain(field)
        if (client.id !== "anthropic-messages") expect(refused.param).toBe(field)
      })
    }

    test("bytes that are not UTF-8 are 400", async () => {
      const [head = "", tail = ""] = good.split("hello")
      for (const wrong of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xc0, 0xaf]]) {
        const body = Buffer.concat([Buffer.from(head), Buffer.from(wrong), Buffer.from(tail)])
        const refused = await refusedBy(client, await send(client, new Uint8Array(body)))
        expect(refused).toMatchObject({ status: 400 })
        expect(refused.message).toContain("UTF-8")
      }
    })

    test("a hundred thousand levels are refused in translation and passed on by the relay", async () => {
      const levels = 100_000
      for (const [open, close] of [
        ["[", "]"],
        ['{"a":', "}"],
      ] as const) {
        const deep = open.repeat(levels) + (open === "[" ? "" : "1") + close.repeat(levels)
        const write = (model: string) => `${JSON.stringify(client.body(model)).slice(0, -1)},"deep":${deep}}`
        for (const upstream of lanes.upstreams.keys()) {
          const response = await send(client, write(`${upstream}/m`))
          if (upstream === client.id) {
            expect(response.status).toBe(200)
            await response.text()
          } else expect(await refusedBy(client, response)).toMatchObject({ status: 400 })
        }
        expect(await refusedBy(client, await send(client, deep))).toMatchObject({ status: 400 })
        expect(await refusedBy(client, await send(client, open.repeat(levels)))).toMatchObject({ status: 400 })
      }
    })

    for (const [encoding, compress] of Object.entries(codecs)) {
      const packed = new Uint8Array(compress(Buffer.from(good)))
      const headers = { "content-encoding": encoding }

      test(`${encoding} is undone before it goes on`, async () => {
        const response = await send(client, packed, headers)
        expect(response.status).toBe(200)
        await response.text()
        const request = lanes.upstreams.get(client.id)?.requests.at(-1)
        expect(request?.text()).toBe(good.replace(own, "m"))
        expect(request?.headers.get("content-encoding")).toBeNull()
      })

      test(`a bomb of ${encoding} is 413`, async () => {
        const refused = await refusedBy(client, await send(client, bombOf(encoding), headers))
        expect(refused.status).toBe(413)
        expect(refused.message).toContain("max_request_body_size_mb")
      })

      test(`${encoding} that is damaged or cut off is 400`, async () => {
        const damaged = packed.slice()
        damaged.fill(0x7f, 4, 12)
        for (const body of [damaged, packed.slice(0, -6), new Uint8Array([1, 2, 3, 4]), new Uint8Array()]) {
          const refused = await refusedBy(client, await send(client, body, headers))
          expect(refused.status).toBe(400)
        }
      })
    }

    test("deflate without its wrapper, and encodings on top of one another", async () => {
      const raw = new Uint8Array(deflateRawSync(Buffer.from(good)))
      expect((await send(client, raw, { "content-encoding": "deflate" })).status).toBe(200)
      const twice = new Uint8Array(gzipSync(brotliCompressSync(Buffer.from(good))))
      expect((await send(client, twice, { "content-encoding": "br, gzip" })).status).toBe(200)
      const twofold = new Uint8Array(gzipSync(bombOf("gzip")))
      expect((await send(client, twofold, { "content-encoding": "gzip, gzip" })).status).toBe(413)
    })

    test("an encoding that nobody knows is 400 and named", async () => {
      for (const encoding of ["snappy", "gzip, lzma", "gzip,gzip,gzip,gzip", '"><script>']) {
        const refused = await refusedBy(client, await send(client, good, { "content-encoding": encoding }))
        expect(refused.status).toBe(400)
        expect(refused.message).toContain("content-encoding")
      }
    })

    const large = JSON.stringify(client.body(own, { filler: "x".repeat(1024 * 1024) }))

    test("a body over the limit is 413, with its length declared or not", async () => {
      const before = arrivals()
      const declared = await refusedBy(client, await send(client, large))
      const undeclared = await fetch(lanes.url + client.path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: new Blob([large]).stream(),
      })
      for (const refused of [declared, await refusedBy(client, undeclared)]) {
        expect(refused.status).toBe(413)
        expect(refused.message).toContain("max_request_body_size_mb")
      }
      expect(arrivals()).toBe(before)
    })

    test("what was refused holds nothing", async () => {
      const response = await post(lanes.gateway, client, client.body(own))
      expect(response.status).toBe(200)
      expect(await response.text()).toContain("fine")
    })
  })
}
