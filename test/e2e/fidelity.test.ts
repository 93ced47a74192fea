import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import fc from "fast-check"
import { framesWithoutUsage, openaiChat } from "../support/answers/openai-chat.ts"
import { failingAfter, type Turn } from "../support/answers/turn.ts"
import { renderFrames } from "../support/upstream/well-formed.ts"
import type { Recorded } from "../support/upstream.ts"
import { type Directions, routerSaying, type Spoken, saying, spokenWires, startDirections, voices } from "./directions.ts"
import { post, recorded, smallest } from "./raw-client.ts"

let directions: Directions
beforeAll(async () => {
  directions = await startDirections()
})
afterAll(() => directions[Symbol.asyncDispose]())

const turn: Turn = { text: "fine" }

/** Posts a body and returns what the upstream got of it. */
async function arrived(spoken: Spoken, body: object | string, options: Parameters<typeof post>[3] = {}): Promise<Recorded> {
  const upstream = directions.upstreams[spoken]
  upstream.use(saying(spoken, turn))
  const next = upstream.requests.length
  const response = await post(directions.gateway.url, spoken, body, options)
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${response.status} ${text}`)
  return upstream.received(next)
}

const space = fc.stringMatching(/^[ \n\r\t]{0,3}$/)
const number = fc.constantFrom("12345678901234567890", "1.0", "1e400", "-0", "0.1000000000000000055511151231257827", "1E+2")
const leaf = fc.oneof(
  number,
  fc.constantFrom("null", "true", "false"),
  fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
  fc.constant('"\\u0041\\/\\ud83d\\ude00"'),
)
const value = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.tuple(space, fc.array(tie("value"), { maxLength: 3 })).map(([gap, items]) => `[${gap}${items.join(`${gap},`)}${gap}]`),
    fc
      .tuple(
        space,
        fc.array(fc.tuple(fc.constantFrom("a", "10", "2", "model", "stream", "fallbacks", "a"), tie("value")), { maxLength: 4 }),
      )
      .map(([gap, members]) => `{${gap}${members.map(([key, text]) => `"${key}"${gap}:${gap}${text}`).join(`${gap},`)}}`),
  ),
})).value

const member = fc.tuple(fc.constantFrom("x", "unknown_field", "10", "2", "x", "__proto__", "temperature2"), value)

describe("a request body reaches its own format's provider byte for byte", () => {
  for (const spoken of spokenWires) {
    test(`${spoken}: but for the model`, async () => {
      await fc.assert(
        fc.asyncProperty(space, fc.array(member, { maxLength: 6 }), fc.nat(6), async (gap, members, place) => {
          const write = (model: string) => {
            const all = members.map(([key, text]) => `"${key}"${gap}:${text}`)
            all.splice(place, 0, `"model" :${gap}"${model}"`)
            return `${gap}{${gap}${all.join(`${gap},${gap}`)}${gap}}${gap}`
          }
          const request = await arrived(spoken, write(`${spoken}/the-model`))
          expect(request.text()).toBe(write("the-model"))
        }),
        { numRuns: 80 },
      )
    })

    test(`${spoken}: but for our fallbacks, wherever they stand`, async () => {
      const rest = ['"x": 12345678901234567890', '"y" : [1.0, {"fallbacks": ["a/b"]}]']
      const model = '"model":"MODEL"'
      const ours = ['"fallbacks": ["openrouter/a/b"]', '"fallbacks":[{"provider":"openrouter","model":"a/b"}]']
      for (const fallbacks of ours) {
        for (const place of [0, 1, 2, 3]) {
          const kept = [rest[0], model, rest[1]]
          const sent = kept.toSpliced(place, 0, fallbacks)
          const text = (parts: readonly (string | undefined)[], name: string) => `{${parts.join(", ")}}`.replace("MODEL", name)
          const request = await arrived(spoken, text(sent, `${spoken}/m`))
          expect(request.text()).toBe(text(kept, "m"))
        }
      }
    })
  }

  test("fallbacks of the vendor's own travel", async () => {
    for (const fallbacks of ['[{"model": "claude-haiku-9"}]', '[{"model":"x","max_tokens":5},{"model":"y"}]', '"default"']) {
      const body = `{"model":"messages/m","max_tokens":5,"fallbacks": ${fallbacks},"messages":[{"role":"user","content":"x"}]}`
      const request = await arrived("messages", body)
      expect(request.text()).toBe(body.replace("messages/m", "m"))
    }
  })

  test("two megabytes of it", async () => {
    const filler = "é\\n\\u00e9 🌍 ".repeat(130_000)
    const body = `{"messages":[{"role":"user","content":"${filler}"}],"model":"chat/m"}`
    const request = await arrived("chat", body)
    expect(request.text() === body.replace("chat/m", "m")).toBe(true)
  })
})

describe("usage in Chat streams", () => {
  const ask = async (more: string) => {
    const upstream = directions.upstreams.chat
    upstream.use(saying("chat", turn))
    const next = upstream.requests.length
    const response = await post(directions.gateway.url, "chat", `{"model":"chat/m","messages":[],"stream":true${more}}`)
    return { sent: (await upstream.received(next)).text(), told: await response.text() }
  }
  const full = renderFrames(openaiChat.frames(turn))

  test("is asked for where nobody did, and its frame taken out again", async () => {
    const { sent, told } = await ask("")
    expect(sent).toBe('{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}}')
    const frames = openaiChat.frames(turn)
    expect(told).toBe(renderFrames(frames.filter((_, index) => index !== frames.length - 2)))
  })

  test("keeps what else the caller asked of the stream", async () => {
    const { sent, told } = await ask(',"stream_options":{"include_obfuscation":false,"include_usage":false}')
    expect(JSON.parse(sent)).toMatchObject({ stream_options: { include_obfuscation: false, include_usage: true } })
    expect(told).not.toContain('"prompt_tokens"')
  })

  test("is left alone where it was asked for", async () => {
    const { sent, told } = await ask(',"stream_options":{"include_usage":true}')
    expect(sent).toBe('{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}}')
    expect(told).toBe(full)
  })

  test("of a server that sends none is not invented", async () => {
    const bare = renderFrames(framesWithoutUsage(turn))
    directions.upstreams.chat.use(recorded(new TextEncoder().encode(bare), "text/event-stream", [7]))
    const response = await post(directions.gateway.url, "chat", smallest.chat("chat/m", { stream: true }))
    expect(await response.text()).toBe(bare)
  })
})

describe("an error inside a 200 stream", () => {
  for (const spoken of spokenWires) {
    test(`${spoken}: goes to the fallback while nothing was said`, async () => {
      const opening = { chat: 1, responses: 2, messages: 2 }[spoken]
      directions.upstreams[spoken].use(failingAfter(voices[spoken], turn, opening, "overloaded"))
      directions.upstreams.router.use(routerSaying({ text: "the other one answers" }))
      const body = smallest[spoken](`${spoken}/m`, { stream: true, fallbacks: ["openrouter/some-vendor/m"] })
      const response = await post(directions.gateway.url, spoken, body)
      expect(response.status).toBe(200)
      expect(response.headers.get("x-gantry-provider")).toBe("openrouter")
      const text = await response.text()
      expect(text.match(/answers/g)?.length).toBeGreaterThan(0)
      expect(text).not.toMatch(/overloaded|slow_down/i)
    })
  }
})
