import { expect, test } from "bun:test"
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
