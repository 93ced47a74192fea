import { afterAll, beforeAll, expect, test } from "bun:test"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import OpenAI from "openai"
import type { Frame } from "../../../src/core/event.ts"
import { steps } from "../../../src/core/steps.ts"
import { parseJson } from "../../../src/lib/json.ts"
import { encodeSse } from "../../../src/lib/sse.ts"
import { openaiResponses as wire } from "../../../src/wires/openai-responses/index.ts"
import { exchangeFor } from "./exchange.ts"

const folder = join(import.meta.dir, "../../fixtures/openai-responses/responses")
const names = readdirSync(folder).map((file) => file.replace(".json", ""))
let frames: readonly Frame[] = []
let server: ReturnType<typeof Bun.serve>

beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch() {
      const body = Buffer.concat(frames.map(({ event, data }) => encodeSse(event === undefined ? { data } : { event, data })))
      return new Response(body, { headers: { "content-type": "text/event-stream" } })
    },
  })
})
afterAll(() => server.stop(true))

const client = () => new OpenAI({ apiKey: "none", baseURL: `http://127.0.0.1:${server.port}/v1`, maxRetries: 0 })

test.each(names)("the official SDK reads the stream of %s as the answer it is", async (name) => {
  const { exchange } = exchangeFor()
  const hub = wire.response.decode(parseJson(readFileSync(join(folder, `${name}.json`), "utf8")), exchange)
  const encoder = wire.stream.encoder(exchangeFor(undefined, { wire: "elsewhere" }).exchange)
  frames = [...steps(hub).flatMap((step) => [...encoder.push(step)]), ...encoder.flush("eof")]
  const seen: string[] = []
  const stream = client().responses.stream({ model: "m", input: "x" })
  stream.on("event", (event) => {
    seen.push(event.type)
  })
  const final = await stream.finalResponse()
  const again = wire.response.decode(JSON.parse(JSON.stringify(final)), exchange)
  const shape = (response: typeof hub) =>
    response.candidates.map((one) => one.messages.map((message) => message.blocks.map(({ type }) => type)))
  expect(shape(again)).toEqual(shape(hub))
  expect(again.candidates[0]?.stop).toEqual(hub.candidates[0]?.stop as never)
  expect(seen.at(0)).toBe("response.created")
})

test("the official SDK throws on an error in the stream", async () => {
  const encoder = wire.stream.encoder(exchangeFor(undefined, { wire: "elsewhere" }).exchange)
  const error = { kind: "rate-limit", blame: "key", message: "slow down" } as const
  frames = [
    { events: [{ type: "response-start" as const, id: "r", model: "m" }] },
    { events: [{ type: "error" as const, error }] },
  ].flatMap((step) => [...encoder.push(step)])
  const stream = client().responses.stream({ model: "m", input: "x" })
  await expect(stream.finalResponse()).rejects.toThrow()
})
