import { expect, test } from "bun:test"
import { gatewayWith } from "../../dispatch/gateway.ts"
import { poolOf } from "../../dispatch/pool.ts"

test("why a key cools is told without the key, even where its vendor quotes it", async () => {
  await using pool = await poolOf({
    keys: { quoted: {} },
    answers: () => async (writer) => {
      writer.head(401, { "content-type": "application/json" })
      await writer.write(
        '{"error":{"message":"Bad key sk-test-0123456789-quoted, and that is that","type":"x","code":"invalid_api_key"}}',
      )
      await writer.end()
    },
  })
  const refused = await pool.ask()
  expect(refused.status).toBe(502)
  const said = (await refused.text()) + (await (await fetch(`${pool.gateway.url}/api/status`)).text())
  expect(said).toContain("and that is that")
  expect(said).toContain('"cooling"')
  expect(said).not.toContain("sk-test-0123456789-quoted")
})

test("what calls have to bring is told to the page", async () => {
  const password = { admin_username: "root", admin_password: "pass-word-0123456789" }
  const needed = async (config: object, headers: Record<string, string> = {}) => {
    await using gateway = await gatewayWith({ providers: {}, ...config })
    const answer = await fetch(`${gateway.url}/api/status`, { headers })
    return ((await answer.json()) as { callsNeed?: string }).callsNeed
  }
  const client = { enforce_auth_on_inference: true }
  const bearer = { authorization: "Bearer t-0123456789" }
  const basic = { authorization: `Basic ${btoa("root:pass-word-0123456789")}` }
  expect(await needed({})).toBeUndefined()
  expect(await needed({ admin: { token: "t-0123456789" } }, bearer)).toBeUndefined()
  expect(await needed({ admin: { token: "t-0123456789" }, client }, bearer)).toBe("token")
  expect(await needed({ auth_config: { is_enabled: true, ...password }, client }, basic)).toBe("login")
})
