import { describe, expect, test } from "bun:test"
import { poolOf } from "./pool.ts"

const added = {
  "x-bf-eh-x-tenant": "blue",
  "x-bf-eh-x-team-name": "green",
  "x-gantry-eh-x-team-color": "red",
  "x-bf-eh-x-internal": "no",
}

/** Those of the added headers that the vendor got. */
async function passed(filter: object | undefined): Promise<readonly string[]> {
  await using pool = await poolOf({
    keys: { a: {} },
    ...(filter && { rest: { client: { header_filter_config: filter } } }),
  })
  await pool.keyFor({}, added)
  const names = ["x-tenant", "x-team-name", "x-team-color", "x-internal"]
  return names.filter((name) => pool.upstream.requests[0]?.headers.has(name))
}

describe("headers that a caller adds", () => {
  test("all go on where the file says nothing", async () => {
    const all = ["x-tenant", "x-team-name", "x-team-color", "x-internal"]
    expect(await passed(undefined)).toEqual(all)
    expect(await passed({})).toEqual(all)
  })

  test("none does that the file forbids, in any case of letters", async () => {
    expect(await passed({ denylist: ["X-Internal", "x-team-*"] })).toEqual(["x-tenant"])
  })

  test("only those do that the file lists, if it lists any", async () => {
    expect(await passed({ allowlist: ["X-Tenant", "x-team-*"] })).toEqual(["x-tenant", "x-team-name", "x-team-color"])
    expect(await passed({ allowlist: ["x-team-*"], denylist: ["x-team-color"] })).toEqual(["x-team-name"])
  })
})

test("a header that the file lists needs no prefix; credentials and directions never pass", async () => {
  await using pool = await poolOf({
    keys: { a: {} },
    rest: { client: { header_filter_config: { allowlist: ["x-tenant", "*"], denylist: ["user-agent"] } } },
  })
  await pool.keyFor(
    {},
    { "x-tenant": "blue", cookie: "a=b", authorization: "Bearer own", "x-bf-api-key": "a", "x-gantry-tag": "t" },
  )
  const headers = pool.upstream.requests[0]?.headers
  expect(headers?.get("x-tenant")).toBe("blue")
  for (const name of ["cookie", "x-bf-api-key", "x-gantry-tag"]) expect(headers?.get(name)).toBeNull()
  expect(headers?.get("accept-encoding")).toBe("identity")
  expect(pool.used()).toEqual(["a"])
})

test("a provider's own headers are set on every call, and the key is not among what a caller may set", async () => {
  await using pool = await poolOf({
    keys: { a: {} },
    network: { extra_headers: { "x-fixed": "from the file", authorization: "nonsense" } },
  })
  await pool.keyFor({}, { "x-bf-eh-x-fixed": "from the caller", "x-bf-eh-authorization": "Bearer stolen" })
  const headers = pool.upstream.requests[0]?.headers
  expect(headers?.get("x-fixed")).toBe("from the caller")
  expect(pool.used()).toEqual(["a"])
})
