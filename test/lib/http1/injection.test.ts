import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { answering, loopbackClient, rawServer, withLength } from "./raw-server.ts"

const anyText = fc.string({ unit: "binary", maxLength: 30 })
const nasty = fc.oneof(
  anyText,
  fc.constantFrom("a\r\nevil: 1", "a\nevil: 1", "a\revil: 1", "\u010d\u010aevil: 1", "\u560d\u560aevil: 1", "a\0b", "\u2028"),
)

function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

test("no value, name or address puts a line of its own into a request", async () => {
  await using server = await rawServer(answering(({ head }) => withLength(Buffer.from(head, "latin1").toString("hex"))))
  using client = loopbackClient()
  await fc.assert(
    fc.asyncProperty(nasty, nasty, nasty, nasty, async (name, value, path, query) => {
      const headers = new Headers()
      attempt(() => headers.append("x-value", value))
      attempt(() => headers.append(`x-${name}`, "1"))
      const url = attempt(() => new URL(`${server.url}${path}?${query}`).href)
      if (url === undefined || !url.startsWith(server.url)) return
      const answer = await client.send(url, { method: "POST", headers, body: [] }).answer
      const head = Buffer.from(Buffer.from(await answer.bytes()).toString(), "hex").toString("latin1")
      const lines = head.split(/\r\n|\r|\n/)
      expect(lines[0]).toMatch(/^POST \/[\x21-\x7e]* HTTP\/1\.1$/)
      const sent = [...headers].map(([key, text]) => `${key}: ${text}`)
      expect(lines.slice(1)).toEqual([`host: 127.0.0.1:${server.port}`, ...sent, "content-length: 0"])
    }),
    { numRuns: 400 },
  )
  expect(server.peers.length).toBe(1)
})

describe("what is said of the connection and the length", () => {
  async function headOf(
    url: (port: number) => string,
    init: { method: "GET" | "POST"; headers?: Record<string, string>; body?: string },
  ) {
    const heads: string[] = []
    await using server = await rawServer(
      answering(({ head }) => {
        heads.push(head)
        return withLength("ok")
      }),
    )
    using client = loopbackClient()
    const { method, headers, body } = init
    const sent = { method, headers: new Headers(headers), ...(body === undefined ? {} : { body: [Buffer.from(body)] }) }
    for (let n = 0; n < 2; n += 1) await (await client.send(url(server.port), sent).answer).bytes()
    expect(heads.length).toBe(2)
    expect(heads[1]).toBe(heads[0] ?? "")
    return (heads[0] ?? "").replaceAll(String(server.port), "PORT").split("\r\n")
  }
  const plain = (port: number) => `http://127.0.0.1:${port}/v1?a=b#c`

  test("is the client's own to say", async () => {
    const headers = {
      "content-length": "3",
      "transfer-encoding": "chunked",
      connection: "close, x-kept",
      "keep-alive": "timeout=1",
      te: "trailers",
      trailer: "x",
      upgrade: "h2c",
      expect: "100-continue",
      "proxy-connection": "close",
      "x-kept": "yes",
    }
    expect(await headOf(plain, { method: "POST", headers, body: "hello" })).toEqual([
      "POST /v1?a=b HTTP/1.1",
      "host: 127.0.0.1:PORT",
      "x-kept: yes",
      "content-length: 5",
    ])
  })

  test("is nothing for a GET without a body", async () => {
    expect(await headOf(plain, { method: "GET" })).toEqual(["GET /v1?a=b HTTP/1.1", "host: 127.0.0.1:PORT"])
  })

  test("is a length for a GET with a body, which would be the next request otherwise", async () => {
    expect(await headOf(plain, { method: "GET", body: "x" })).toContain("content-length: 1")
  })

  test("is zero for a POST without a body", async () => {
    expect(await headOf(plain, { method: "POST" })).toContain("content-length: 0")
  })

  test("host may be another by the operator's wish, and stands there once", async () => {
    const lines = await headOf(plain, { method: "GET", headers: { Host: "models.internal" } })
    expect(lines.filter((line) => /^host:/i.test(line))).toEqual(["host: models.internal"])
  })

  test("a login in the URL is sent as `fetch` sends it, unless there is another", async () => {
    const url = (port: number) => `http://us%C3%A9r:p%40ss@127.0.0.1:${port}/`
    const basic = `authorization: Basic ${Buffer.from("usér:p@ss").toString("base64")}`
    expect(await headOf(url, { method: "GET" })).toContain(basic)
    const lines = await headOf(url, { method: "GET", headers: { authorization: "Bearer key" } })
    expect(lines.filter((line) => line.startsWith("authorization"))).toEqual(["authorization: Bearer key"])
  })

  test("a login that is no percent-encoding is sent as it stands", async () => {
    const lines = await headOf((port) => `http://user:50%@127.0.0.1:${port}/`, { method: "GET" })
    expect(lines).toContain(`authorization: Basic ${Buffer.from("user:50%").toString("base64")}`)
  })

  test("bytes beyond ASCII are sent as they are", async () => {
    expect(await headOf(plain, { method: "GET", headers: { "x-name": "caf\xe9" } })).toContain("x-name: caf\xe9")
  })
})
