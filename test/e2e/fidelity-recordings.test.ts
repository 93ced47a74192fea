import { afterAll, beforeAll, expect, test } from "bun:test"
import { describeTraffic, type Traffic } from "../support/traffic.ts"
import { type Directions, type Spoken, startDirections } from "./directions.ts"
import { post, recorded, smallest } from "./raw-client.ts"

let directions: Directions
beforeAll(async () => {
  directions = await startDirections()
})
afterAll(() => directions[Symbol.asyncDispose]())

const folders: readonly (readonly [Spoken, string])[] = [
  ["chat", "openai-chat"],
  ["responses", "openai-responses"],
  ["messages", "anthropic-messages"],
]

/** An error before any item, block or choice. */
const failsAtOnce = /^(?:(?!output_item|content_block|"choices").)*\nevent: (?:error|response\.failed)\n/s

/** Cuts inside frames, inside escapes and inside UTF-8 sequences. */
const odd = [1, 2, 3, 5, 61, 997, 4_099]

async function relayed(
  spoken: Spoken,
  body: Uint8Array,
  type: string,
  sizes: readonly number[],
  more: object,
): Promise<Response> {
  directions.upstreams[spoken].use(recorded(body, type, sizes))
  return post(directions.gateway.url, spoken, smallest[spoken](`${spoken}/as-recorded`, more))
}

/** Bodies that are no answer of their format: errors, streams that fail before they say anything, answers of other endpoints. */
function isAnswer(spoken: Spoken, traffic: Traffic): boolean {
  if (traffic.file !== "response.json") return !failsAtOnce.test(traffic.text())
  const body = JSON.parse(traffic.text()) as Record<string, unknown>
  if (spoken === "chat") return Array.isArray(body.choices)
  return spoken === "responses" ? Array.isArray(body.output) : body.type === "message"
}

const asked = (spoken: Spoken): object => (spoken === "chat" ? { stream_options: { include_usage: true } } : {})

for (const [spoken, folder] of folders) {
  describeTraffic(folder, (all) => {
    for (const traffic of all.filter((one) => isAnswer(spoken, one))) {
      const bytes = traffic.read()
      if (traffic.file === "response.json") {
        test(`${traffic.name}: the body, byte for byte`, async () => {
          for (const sizes of [[], odd]) {
            const response = await relayed(spoken, bytes, "application/json", sizes, {})
            expect(response.status).toBe(200)
            expect(response.headers.get("x-gantry-lane")).toBe("relay")
            expect(Buffer.from(await response.bytes()).equals(bytes)).toBe(true)
          }
        })
      } else if (traffic.file === "stream.sse") {
        test(`${traffic.name}: the stream, byte for byte`, async () => {
          for (const sizes of [[], odd]) {
            const more = { stream: true, ...asked(spoken) }
            const response = await relayed(spoken, bytes, "text/event-stream", sizes, more)
            expect(response.status).toBe(200)
            expect(Buffer.from(await response.bytes()).equals(bytes)).toBe(true)
          }
        })
        if (spoken === "chat") {
          test(`${traffic.name}: without the usage that nobody asked for`, async () => {
            for (const sizes of [[], odd]) {
              const response = await relayed(spoken, bytes, "text/event-stream", sizes, { stream: true })
              expect(await response.text()).toBe(withoutUsageFrames(traffic.text()))
            }
          })
        }
      }
    }
  })
}

/** Frames whose only content is usage: no choice in them. */
function withoutUsageFrames(stream: string): string {
  return stream
    .split(/(?<=\n\n)/)
    .filter((frame) => {
      const data = /^data: (\{.*\})\s*$/s.exec(frame)?.[1]
      if (data === undefined) return true
      const { choices, usage } = JSON.parse(data) as { choices?: readonly unknown[]; usage?: unknown }
      return !(Array.isArray(choices) && choices.length === 0 && usage !== undefined && usage !== null)
    })
    .join("")
}
