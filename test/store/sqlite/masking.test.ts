import { expect, test } from "bun:test"
import type { Payload } from "../../../src/core/record.ts"
import { sampleEntry, samplePayload } from "../sample.ts"
import { settled } from "../suite.ts"
import { temporaryLog } from "./folder.ts"

const secret = "sk-0123456789abcdef"

async function written(...calls: (readonly Payload[])[]): Promise<string[][]> {
  const folder = temporaryLog()
  try {
    const store = folder.open({ secrets: () => [secret] })
    for (const [index, payloads] of calls.entries()) store.write(sampleEntry({ id: `call-${index}` }, payloads))
    await settled(store)
    const entries = await Promise.all(calls.map((_, index) => store.get(`call-${index}`)))
    return entries.map((entry) => (entry?.payloads ?? []).map(({ bytes }) => new TextDecoder().decode(bytes)))
  } finally {
    await folder.close()
  }
}

const cutAt = (payload: Payload, length: number): Payload => ({ ...payload, bytes: payload.bytes.subarray(0, length) })
const frames = (...pieces: string[]) => pieces.map((text) => `data: ${JSON.stringify({ text })}\n\n`).join("")
const stream = (text: string): Payload => ({ ...samplePayload("client-response", text), contentType: "text/event-stream" })

test("what a payload was cut off in the middle of is not written, and its neighbours are as they were", async () => {
  const request = samplePayload("client-request", `my key is ${secret}`)
  expect(await written([cutAt(request, 20), samplePayload("client-response", "sk-01234")], [cutAt(request, 14)])).toEqual([
    ["my key is **********", "sk-01234"],
    ["my key is sk-0"],
  ])
})

test("a stream that says piece by piece what was said to it", async () => {
  const answer = frames("It is sk", "-0123", "456789a", "bcdef.")
  const hidden = frames("It is **", "*****", "*******", "*****.")
  expect(await written([samplePayload("client-request", secret), stream(answer)])).toEqual([["[redacted]*********", hidden]])
  const long = cutAt(samplePayload("client-request", "x".repeat(50)), 40)
  expect(await written([long, stream(answer)])).toEqual([["x".repeat(40), hidden]])
})

test("a stream that was cut in the middle of it", async () => {
  const answer = stream(frames("It is sk", "-0123", "456789a", "bcdef."))
  const length = frames("It is sk", "-0123", "456789a").length - 6
  const [[, left] = []] = await written([samplePayload("client-request", secret), cutAt(answer, length)])
  expect(left).toBe(frames("It is **", "*****", "*******").slice(0, length))
})

test("a login that holds it in base64, and answers that are given in turns", async () => {
  const login = Buffer.from(`gateway:${secret}`).toString("base64")
  const indexed = (index: number, content: string) =>
    `data: {"choices":[{"index":${index},"delta":{"content":"${content}"}}]}\n\n`
  const answer = [indexed(0, "sk-012"), indexed(1, "sk-01234567"), indexed(0, "3456789abcdef"), indexed(1, "89abcdef")].join("")
  const [payloads] = await written([samplePayload("client-request", `{"authorization":"Basic ${login}"}`), stream(answer)])
  expect(payloads?.[0]).toBe(`{"authorization":"Basic ${login.slice(0, 11)}[redacted]***************"}`)
  expect(payloads?.[1]).not.toMatch(/[0-9a-f]{4}/)
})
