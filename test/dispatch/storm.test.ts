import { test } from "bun:test"
import { type Failure, failing, failingAfter, streamed, unary } from "../support/answers/turn.ts"
import type { Answer } from "../support/upstream/exchange.ts"
import * as faults from "../support/upstream/faults.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { chat, clients, gatewayWith, post, provider } from "./gateway.ts"

const { voice } = chat
const turn = { text: "one two three four" }
const frames = voice.frames(turn)
const failures: readonly Failure[] = ["bad request", "server error", "overloaded", "context overflow", "content policy"]

const misfortunes: readonly Answer[] = [
  unary(voice, turn),
  streamed(voice, turn, { delayMs: 2 }),
  streamed(voice, turn, { splitAt: "every byte" }),
  faults.hang(),
  faults.stall(frames.slice(0, 1)),
  faults.stall(frames.slice(0, 3)),
  faults.resetBeforeHeaders(),
  faults.resetAfterHeaders(),
  faults.resetAfter(frames.slice(0, 3)),
  faults.closeAfter(frames.slice(0, 2)),
  faults.cutFrames(frames, 40),
  faults.emptyBody(),
  faults.garbageJson(),
  faults.htmlPage(500),
  faults.truncatedLength('{"id":"x"}'),
  failingAfter(voice, turn, 1, "overloaded"),
  failingAfter(voice, turn, 4, "overloaded"),
  ...failures.map((failure) => failing(voice, failure)),
]

test("after three hundred calls of every misfortune each slot is free and every held byte given back", async () => {
  const concurrency = 24
  let next = 0
  const storm = (): Answer => misfortunes[next++ % misfortunes.length] ?? faults.hang()
  await using upstream = await fakeUpstream({ script: { on: storm } })
  const more = { concurrency_and_buffer_size: { concurrency, buffer_size: 1_000 } }
  await using gateway = await gatewayWith({
    providers: { only: provider(upstream.url, { more, network: { max_retries: 1 } }) },
    client: { held_body_limit_mb: 1, stream_keep_alive_seconds: 0.05 },
  })
  const one = async (index: number): Promise<void> => {
    const client = clients[index % clients.length] ?? chat
    const leaving = AbortSignal.timeout(index % 5 === 0 ? 20 + (index % 60) : 700)
    const body = client.body("only/m", { stream: index % 2 === 0, user: "x".repeat(3_000) })
    await post(gateway, client, body, { signal: leaving })
      .then((response) => response.text())
      .catch(() => undefined)
  }
  for (let batch = 0; batch < 6; batch++) await Promise.all(Array.from({ length: 50 }, (_, index) => one(batch * 50 + index)))
  await Promise.all(upstream.requests.map((request) => request.ended))

  // as many as there are slots get through at once, and a body as large as the bound is taken
  const before = upstream.requests.length
  upstream.use(faults.hang())
  const leaving = new AbortController()
  const calls = Array.from({ length: concurrency }, () =>
    post(gateway, chat, chat.body("only/m", { user: "y".repeat(35_000) }), { signal: leaving.signal }).catch(() => undefined),
  )
  await upstream.received(before + concurrency - 1)
  leaving.abort()
  await Promise.all(calls)
}, 30_000)
