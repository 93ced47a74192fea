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

test("calls and errors are counted as the log has them", async () => {
  const cut = {
    id: "c",
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta: { content: "Hel" }, finish_reason: null }],
  }
  await using pool = await poolOf({
    keys: { one: {} },
    answers: (_key, request) =>
      (request.json() as { stream?: boolean }).stream === true
        ? async (writer) => {
            writer.head(200, { "content-type": "text/event-stream" })
            await writer.write(`data: ${JSON.stringify(cut)}\n\n`)
            await writer.end()
          }
        : undefined,
    rest: { client: { enable_logging: true } },
  })
  const { url } = pool.gateway
  expect((await pool.ask()).status).toBe(200)
  expect((await pool.ask({}, { "x-gantry-fallbacks": "/x" })).status).toBe(400)
  expect((await fetch(`${url}/v1/chat/completions`, { method: "POST", body: "no object" })).status).toBe(400)
  const broken = await pool.ask({ stream: true })
  expect(broken.status).toBe(200)
  expect(await broken.text()).toContain("truncated")
  const logged = async (filter: string) =>
    ((await (await fetch(`${url}/api/logs?${filter}`)).json()) as { logs: readonly object[] }).logs.length
  while ((await logged("")) < 4) await Bun.sleep(5)
  const { totals } = (await (await fetch(`${url}/api/status`)).json()) as { totals: object }
  expect(totals).toEqual({ calls: 4, errors: await logged("status=error"), active: 0 })
  expect(totals).toMatchObject({ errors: 3 })
})
