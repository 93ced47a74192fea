import { expect, test } from "bun:test"
import { load } from "../bench/load.ts"
import { closeAfter, cutFrames, truncatedLength } from "./upstream/faults.ts"
import { json, sse } from "./upstream/well-formed.ts"
import { fakeUpstream } from "./upstream.ts"

const frames = [{ data: { n: 1 } }, { data: "[DONE]" }]
const options = { path: "/v1/x", body: '{"model":"m"}', connections: 4, calls: 40, mustEndWith: "data: [DONE]\n\n" }

test("the load generator sends every call and counts whole answers as good", async () => {
  await using unary = await fakeUpstream({ script: json(200, { ok: true }) })
  await using stream = await fakeUpstream({ script: sse(frames, { splitAt: "every byte" }) })
  for (const upstream of [unary, stream]) {
    const result = await load({ ...options, port: upstream.port })
    expect(result).toMatchObject({ calls: 40, failures: 0 })
    expect(result.latencies.length).toBe(40)
    expect(upstream.requests.length).toBe(40)
    expect(upstream.connections.accepted).toBe(4)
    expect(upstream.requests[39]?.json()).toEqual({ model: "m" })
  }
})

test.each([
  ["an error status", json(500, {})],
  ["a stream cut short", cutFrames(frames, 3)],
  ["a stream without its last chunk", closeAfter(frames)],
  ["fewer bytes than promised", truncatedLength("{}")],
])("%s counts as a failure", async (_, script) => {
  await using upstream = await fakeUpstream({ script })
  expect(await load({ ...options, port: upstream.port })).toMatchObject({ calls: 40, failures: 40 })
})
