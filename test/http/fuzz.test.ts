import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import fc from "fast-check"
import { type Json, type JsonObject, stringifyJson } from "../../src/lib/json.ts"
import { post } from "../dispatch/gateway.ts"
import { directions, type Lanes, openLanes, refusedBy } from "./lanes.ts"
import { type Path, placesIn, richBodies, withAt } from "./rich-bodies.ts"

let lanes: Lanes
beforeAll(async () => {
  lanes = await openLanes({ max_request_body_size_mb: 1 })
})
afterAll(() => lanes[Symbol.asyncDispose]())

const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
  fc.constantFrom<Json>(
    "",
    -1,
    1e308,
    [],
    {},
    null,
    [null],
    [[]],
    { type: null },
    { type: "" },
    { type: "text" },
    { type: "constructor" },
    { role: "__proto__" },
    "gantryseal1.",
    "gantryseal1.e30",
    "gantryseal1.WzEsMl0",
    "data:image/png;base64,",
    "data:,",
    "\u0000",
    "\ud800",
    "x".repeat(5_000),
  ),
)

type Mutation =
  | { readonly kind: "put"; readonly place: number; readonly value: Json }
  | { readonly kind: "take"; readonly place: number }
  | { readonly kind: "copy"; readonly place: number; readonly from: number }
  | { readonly kind: "wrap"; readonly place: number }
  | { readonly kind: "add"; readonly place: number; readonly key: string; readonly value: Json }

const spot = fc.nat(10_000)
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant("put" as const), place: spot, value: odd }),
  fc.record({ kind: fc.constant("take" as const), place: spot }),
  fc.record({ kind: fc.constant("copy" as const), place: spot, from: spot }),
  fc.record({ kind: fc.constant("wrap" as const), place: spot }),
  fc.record({
    kind: fc.constant("add" as const),
    place: spot,
    key: fc.constantFrom("type", "content", "text", "id", "__proto__", "constructor", "cache_control", "x", "10"),
    value: odd,
  }),
)

const at = (body: Json, path: Path): Json =>
  path.reduce<Json>((value, key) => (value as Readonly<Record<string | number, Json>>)[key] ?? null, body)

function mutate(body: JsonObject, change: Mutation): JsonObject {
  const places = placesIn(body)
  const path = places[change.place % places.length]
  if (!path) return body
  switch (change.kind) {
    case "put":
      return withAt(body, path, change.value) as JsonObject
    case "take":
      return withAt(body, path, undefined) as JsonObject
    case "copy":
      return withAt(body, path, at(body, places[change.from % places.length] ?? [])) as JsonObject
    case "wrap":
      return withAt(body, path, [at(body, path)]) as JsonObject
    case "add": {
      const held = at(body, path)
      const into = typeof held === "object" && held !== null && !Array.isArray(held) ? path : []
      return withAt(body, [...into, change.key], change.value) as JsonObject
    }
    default:
      return change satisfies never
  }
}

describe("whatever a valid body is turned into, the gateway answers it or says what is wrong with it", () => {
  for (const [client, upstream] of directions) {
    const seed = { ...richBodies[client.id], model: `${upstream}/m` }
    test(`${client.id} over ${upstream}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), fc.boolean(), async (mutations, stream) => {
          const body = mutations.reduce(mutate, { ...seed, ...(stream && { stream: true }) })
          const response = await post(lanes.gateway, client, stringifyJson(body))
          if (response.status === 200) return void (await response.text())
          const refused = await refusedBy(client, response)
          expect(refused.status, `${refused.message} for ${stringifyJson(body)}`).toBeLessThan(500)
          expect(refused.status).toBeGreaterThanOrEqual(400)
          expect(refused.message.length).toBeGreaterThan(0)
        }),
        { numRuns: 120 },
      )
    })

    test(`${client.id} over ${upstream}: bytes of it lost, doubled or changed`, async () => {
      const bytes = Buffer.from(stringifyJson(seed))
      const damage = fc.tuple(fc.nat(bytes.length - 1), fc.nat(20), fc.uint8Array({ maxLength: 6 }))
      await fc.assert(
        fc.asyncProperty(damage, async ([from, count, put]) => {
          const body = new Uint8Array(Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + count)]))
          const response = await fetch(lanes.url + client.path, { method: "POST", body })
          if (response.status === 200) return void (await response.text())
          expect((await refusedBy(client, response)).status).toBeLessThan(500)
        }),
        { numRuns: 120 },
      )
    })
  }

  test("and goes on serving", async () => {
    expect((await fetch(`${lanes.url}/health`)).status).toBe(200)
  })
})
