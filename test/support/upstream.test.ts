import { afterEach, describe, expect, test } from "bun:test"
import { makeCertificate } from "./certificate.ts"
import * as faults from "./upstream/faults.ts"
import { endlessSse, interim, json, renderFrames, sse } from "./upstream/well-formed.ts"
import { type Answer, fakeUpstream, type Upstream, type UpstreamOptions } from "./upstream.ts"

const open: Upstream[] = []
const start = async (options: UpstreamOptions): Promise<Upstream> => {
  const upstream = await fakeUpstream(options)
  open.push(upstream)
  return upstream
}
afterEach(async () => {
  for (const upstream of open.splice(0)) await upstream.stop()
})

const frames = [{ event: "one", data: { text: "grüße 👋" } }, { data: "two" }, { data: "[DONE]" }]

/** What a client sees of an answer: its body, or the error that reading it threw. */
async function see(answer: Answer, init: RequestInit = {}): Promise<{ status: number; body: string } | "failed"> {
  const upstream = await start({ script: answer })
  try {
    const response = await fetch(upstream.url, init)
    return { status: response.status, body: await response.text() }
  } catch {
    return "failed"
  }
}

describe("requests", () => {
  test("are recorded with their bytes, headers and connection", async () => {
    const upstream = await start({ script: json(200, { ok: true }) })
    for (const n of [1, 2]) {
      await (
        await fetch(`${upstream.url}/v1/x?n=${n}`, { method: "POST", body: JSON.stringify({ n }), headers: { "x-a": "b" } })
      ).text()
    }
    const [first, second] = upstream.requests
    expect(first?.path).toBe("/v1/x?n=1")
    expect(first?.headers.get("x-a")).toBe("b")
    expect(first?.json()).toEqual({ n: 1 })
    expect(await first?.ended).toBe("answered")
    expect(second?.connection).toBe(1)
    expect(upstream.connections.accepted).toBe(1)
  })

  test("with a chunked body are put together", async () => {
    const upstream = await start({ script: json(200, {}) })
    const parts = ["first ", "second ", "third"]
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const part = parts.shift()
        if (part === undefined) controller.close()
        else controller.enqueue(new TextEncoder().encode(part))
      },
    })
    await (await fetch(upstream.url, { method: "POST", body })).text()
    expect((await upstream.received(0)).text()).toBe("first second third")
  })

  test("are answered in the script's order, the last answer repeating", async () => {
    const upstream = await start({ script: [json(429, {}), json(200, {})] })
    const statuses: number[] = []
    for (let n = 0; n < 3; n += 1) statuses.push((await fetch(upstream.url)).status)
    expect(statuses).toEqual([429, 200, 200])
  })

  test("that the client abandons are reported", async () => {
    const upstream = await start({ script: endlessSse(frames, { data: "again" }) })
    const abort = new AbortController()
    const response = await fetch(upstream.url, { signal: abort.signal })
    const reader = response.body?.getReader()
    await reader?.read()
    abort.abort()
    const request = await upstream.received(0)
    expect(await request.ended).toBe("aborted")
    expect(request.aborted).toBe(true)
  })
})

describe("well-formed answers", () => {
  test("a stream arrives whole, also one byte at a time", async () => {
    expect(await see(sse(frames))).toEqual({ status: 200, body: renderFrames(frames) })
    expect(await see(sse(frames, { splitAt: "every byte" }))).toEqual({ status: 200, body: renderFrames(frames) })
    expect(await see(sse(frames, { splitAt: [3, 27, 28] }))).toEqual({ status: 200, body: renderFrames(frames) })
  })

  test("interim responses precede the final one", async () => {
    expect(await see(interim([100, 103], json(200, { ok: true })))).toEqual({ status: 200, body: '{"ok":true}' })
  })
})

describe("faults", () => {
  const failing: readonly [string, Answer][] = [
    ["reset before headers", faults.resetBeforeHeaders()],
    ["close before headers", faults.closeBeforeHeaders()],
    ["reset after headers", faults.resetAfterHeaders()],
    ["reset mid-body", faults.resetAfter(frames)],
    ["close without the last chunk", faults.closeAfter(frames)],
    ["fewer bytes than promised", faults.truncatedLength('{"a":1}')],
    ["a broken chunk header", faults.framesThenRaw(frames, "zz\r\nnot a chunk\r\n")],
  ]
  test.each(failing)("%s fails the client's read", async (_, answer) => {
    expect(await see(answer)).toBe("failed")
  })

  test.each([
    ["silence", faults.hang()],
    ["a stall after headers", faults.stall(frames)],
    ["an endless body", faults.endlessBody()],
    ["a slow drip", faults.drip("x".repeat(10_000), 20)],
  ] as const)("%s lasts until the client leaves", async (_, answer) => {
    const upstream = await start({ script: answer })
    const abort = new AbortController()
    const reading = fetch(upstream.url, { signal: abort.signal }).then((response) => response.text())
    const request = await upstream.received(0)
    abort.abort()
    expect(await reading.catch(() => "failed")).toBe("failed")
    expect(await request.ended).toBe("aborted")
  })

  test("a cut frame ends as if all were well", async () => {
    const whole = renderFrames(frames)
    expect(await see(faults.cutFrames(frames, 9))).toEqual({ status: 200, body: whole.slice(0, -9) })
  })

  test("wrong, broken and empty bodies arrive as they are", async () => {
    expect(await see(faults.htmlPage(502))).toMatchObject({ status: 502, body: expect.stringContaining("<html>") })
    expect(await see(faults.emptyBody())).toEqual({ status: 200, body: "" })
    expect(await see(faults.garbageJson())).toMatchObject({ status: 200, body: expect.stringMatching(/^\{.*,$/) })
  })

  test("raw bytes go out as they are", async () => {
    const raw = "HTTP/1.1 200 OK\r\nX-Odd:  spaced\r\nConnection: close\r\n\r\nto the end"
    expect(await see(faults.rawBytes(raw))).toEqual({ status: 200, body: "to the end" })
  })

  test("a script that throws resets and is remembered", async () => {
    const upstream = await start({ script: { on: () => Promise.reject(new Error("no")) } })
    expect(
      await fetch(upstream.url).then(
        () => "answered",
        () => "failed",
      ),
    ).toBe("failed")
    expect(upstream.failures).toEqual([new Error("no")])
  })
})

describe.each(["http/1.1", "h2"] as const)("connections over %s", (protocol) => {
  const certificate = makeCertificate()
  const call = (upstream: Upstream) =>
    fetch(upstream.url, { tls: { ca: certificate.cert }, protocol: protocol === "h2" ? "http2" : "http1.1" }).then((response) =>
      response.json(),
    )

  test("end after an answer that was their last", async () => {
    const upstream = await start({ script: faults.lastOnConnection(json(200, { ok: true })), certificate, protocol })
    expect(await call(upstream)).toEqual({ ok: true })
    expect(await call(upstream)).toEqual({ ok: true })
    expect(upstream.connections.accepted).toBe(2)
  })

  test("are cut all at once, and new ones accepted", async () => {
    const upstream = await start({ script: [faults.hang(), json(200, { ok: true })], certificate, protocol })
    const first = call(upstream).catch(() => "failed")
    const hanging = await upstream.received(0)
    upstream.drop()
    expect(await first).toBe("failed")
    expect(await hanging.ended).toBe("aborted")
    expect(await call(upstream)).toEqual({ ok: true })
  })
})

describe("over TLS", () => {
  const certificate = makeCertificate()

  test("HTTP/1.1 is served with a certificate that verifies", async () => {
    const upstream = await start({ script: sse(frames), certificate })
    const response = await fetch(upstream.url, { tls: { ca: certificate.cert } })
    expect(await response.text()).toBe(renderFrames(frames))
    expect(
      await fetch(upstream.url).then(
        () => "trusted",
        () => "refused",
      ),
    ).toBe("refused")
  })

  test("HTTP/2 multiplexes calls on one connection", async () => {
    const upstream = await start({ script: json(200, { ok: true }), certificate, protocol: "h2" })
    const call = () => fetch(upstream.url, { method: "POST", body: "{}", protocol: "http2", tls: { ca: certificate.cert } })
    await (await call()).text()
    const bodies = await Promise.all([1, 2, 3].map(async () => (await call()).json()))
    expect(bodies).toEqual([{ ok: true }, { ok: true }, { ok: true }])
    expect(upstream.requests.map((request) => request.connection)).toEqual([1, 1, 1, 1])
    expect(upstream.requests[0]?.protocol).toBe("h2")
  })

  test("HTTP/2 streams end in RST_STREAM when reset", async () => {
    const upstream = await start({ script: faults.resetAfter(frames), certificate, protocol: "h2" })
    const response = await fetch(upstream.url, { protocol: "http2", tls: { ca: certificate.cert } })
    expect(await response.text().catch(() => "failed")).toBe("failed")
  })
})
