import { readFileSync } from "node:fs"
import { join } from "node:path"
import { collect } from "../../../src/core/collect.ts"
import type { Frame, Step } from "../../../src/core/event.ts"
import { bimap, type Exchange, type ExchangeTarget } from "../../../src/core/exchange.ts"
import { type Notice, notices } from "../../../src/core/notice.ts"
import type { Request } from "../../../src/core/request.ts"
import type { Response } from "../../../src/core/response.ts"
import type { Json, JsonObject } from "../../../src/lib/json.ts"
import { asObject } from "../../../src/lib/json.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { repository } from "../../support/traffic.ts"

export interface Trial extends Exchange {
  codes(): readonly string[]
  list(): readonly Notice[]
}

interface Options {
  readonly request?: Request
  readonly features?: readonly string[]
  readonly target?: Partial<ExchangeTarget>
  readonly clientHome?: string
}

/** An exchange with a client of this wire and an upstream of it, unless the options say otherwise. */
export function trial({ request, features = [], target = {}, clientHome }: Options = {}): Trial {
  const held = notices()
  const asked = request ?? { model: "m", messages: [], pins: [] }
  return {
    request: asked,
    client: openaiChat.id,
    ...(clientHome === undefined ? {} : { clientHome }),
    target: {
      wire: openaiChat.id,
      model: asked.model,
      issuer: openaiChat.id,
      limits: {},
      features: new Set(features),
      ...target,
    },
    names: bimap(),
    ids: bimap(),
    emulated: new Set(),
    note: held.note,
    seed: "seed",
    now: 1_790_000_000_000,
    list: held.list,
    codes: () => held.list().map(({ code, path }) => `${code} ${path}`),
  }
}

export const elsewhere = { wire: "elsewhere", issuer: "elsewhere" } as const

export const decodeRequest = (body: Json): Request => openaiChat.request.decode(body, () => {})

export const encodeRequest = (request: Request, exchange: Exchange): JsonObject =>
  asObject(openaiChat.request.encode(request, exchange)) ?? {}

/** A chunk of a stream, as a frame. */
export const chunk = (delta: JsonObject, finish: string | null = null, more: JsonObject = {}, index = 0): Frame => ({
  data: JSON.stringify({
    id: "c1",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index, delta, finish_reason: finish }],
    ...more,
  }),
})

export const usageChunk = (usage: JsonObject): Frame => ({ data: JSON.stringify({ id: "c1", model: "m", choices: [], usage }) })

export const done: Frame = { data: "[DONE]" }

export function decodeFrames(frames: readonly Frame[], exchange: Exchange = trial(), end: "eof" | "cut" = "eof"): Step[] {
  const machine = openaiChat.stream.decoder(exchange)
  return [...frames.flatMap((frame) => machine.push(frame)), ...machine.flush(end)]
}

export const fold = (frames: readonly Frame[], exchange?: Exchange): Response => collect(decodeFrames(frames, exchange))

export function encodeSteps(steps: readonly Step[], exchange: Exchange = trial()): readonly Frame[] {
  const machine = openaiChat.stream.encoder(exchange)
  return [...steps.flatMap((step) => machine.push(step)), ...machine.flush("eof")]
}

export const jsonOf = (frame: Frame): JsonObject => asObject(JSON.parse(frame.data) as Json) ?? {}

export const fixture = (kind: "requests" | "responses", name: string): JsonObject =>
  JSON.parse(readFileSync(join(repository, "test/fixtures/openai-chat", kind, `${name}.json`), "utf8")) as JsonObject
