import { afterAll, beforeAll, expect, test } from "bun:test"
import type { Json, JsonObject } from "../../src/lib/json.ts"
import { type ClientWire, chat, clients, messages, post, responses } from "../dispatch/gateway.ts"
import { type Lanes, openLanes, refusedBy } from "./lanes.ts"
import { type Path, pathText, placesIn, richBodies, withAt } from "./rich-bodies.ts"

let lanes: Lanes
beforeAll(async () => {
  lanes = await openLanes()
})
afterAll(() => lanes[Symbol.asyncDispose]())

/** Places where anything may stand: schemas, what tools are called with, what no other format has. */
const free: Readonly<Record<string, RegExp>> = {
  "openai-chat": /^metadata|\.(parameters|schema)\.|\.arguments$|^messages\[\d\]\.content\[\d\]\.file\.filename$/,
  "openai-responses": /^metadata|\.(parameters|schema)\.|\.arguments$|\.annotations$/,
  "anthropic-messages": /^metadata\.(?!user_id)|\.input_schema\.|\.input\./,
}

const wrongValues: readonly Json[] = [7, "?", {}, [7], true]

const kindOf = (value: Json): string => (Array.isArray(value) ? "list" : typeof value)

/** Fields that take more than one kind of value. */
function takes(client: ClientWire, path: Path, value: Json): boolean {
  const key = path.at(-1)
  const kind = kindOf(value)
  if (kind === "string") {
    if (key === "content" || key === "system" || key === "input" || key === "stop" || key === "tool_choice") return true
    if (key === "image_url" && client === chat) return true
    return typeof key === "number" && path.at(-2) === "content" && client === chat
  }
  return kind === "object" && key === "output"
}

const at = (body: Json, path: Path): Json =>
  path.reduce<Json>((value, key) => (value as Readonly<Record<string | number, Json>>)[key] ?? null, body)

/** The field that the answer names is the place itself, or one around or inside it. */
function isNamed(
  client: ClientWire,
  place: string,
  refused: { readonly message: string; readonly param?: string | undefined },
): boolean {
  const named = client === messages ? (/^[\w.[\]]+/.exec(refused.message)?.[0] ?? "") : (refused.param ?? "")
  return named !== "" && (named.startsWith(place) || place.startsWith(named))
}

const foreign: ReadonlyMap<ClientWire, string> = new Map([
  [chat, messages.id],
  [responses, chat.id],
  [messages, responses.id],
])

for (const client of clients) {
  const rich: JsonObject = { ...richBodies[client.id], model: `${foreign.get(client)}/m` }

  test(`${client.id}: a body that is right is translated`, async () => {
    const response = await post(lanes.gateway, client, rich)
    expect(response.headers.get("x-gantry-lane")).toBe("translate")
    expect(response.status).toBe(200)
  })

  for (const path of placesIn(rich)) {
    const place = pathText(path)
    if (place === "model" || free[client.id]?.test(place)) continue
    const kind = kindOf(at(rich, path))
    test(`${client.id}: ${place} of another kind than ${kind} is refused and named`, async () => {
      for (const value of wrongValues) {
        if (kindOf(value) === kind && kind !== "list") continue
        if (takes(client, path, value)) continue
        const response = await post(lanes.gateway, client, withAt(rich, path, value) as JsonObject)
        if (response.status === 200)
          throw new Error(`${JSON.stringify(value)} at ${place} was taken: ${response.headers.get("x-gantry-notices")}`)
        const refused = await refusedBy(client, response)
        expect(refused.status).toBe(400)
        expect(isNamed(client, place, refused), `${JSON.stringify(value)} at ${place}: ${JSON.stringify(refused)}`).toBe(true)
      }
    })
  }
}
