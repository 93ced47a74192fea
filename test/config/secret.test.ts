import { expect, test } from "bun:test"
import { inspect } from "node:util"
import { Secret } from "../../src/config/secret.ts"
import { accept } from "./facts.ts"

const VALUE = "sk-live-0123456789-do-not-print"

test("no way of printing shows a secret", () => {
  const secret = new Secret(VALUE, "env.KEY")
  const prints = [
    `${secret}`,
    String(secret),
    `${secret}`.concat(""),
    JSON.stringify({ secret }),
    inspect({ deep: [secret] }, { depth: 9, showHidden: true }),
    Bun.inspect({ secret }),
    JSON.stringify(structuredClone({ secret: { ...secret } })),
  ]
  for (const print of prints) expect(print).not.toContain(VALUE.slice(0, 12))
  expect(secret.reveal()).toBe(VALUE)
})

test("a short secret shows nothing of itself", () => {
  expect(String(new Secret("hunter2"))).not.toMatch(/[a-z0-9]/)
})

test("a whole configuration can be printed", () => {
  const { config } = accept({
    encryption_key: VALUE,
    admin: { token: VALUE },
    auth_config: { admin_username: "root", admin_password: VALUE },
    providers: {
      openai: {
        keys: [{ name: "a", value: VALUE }, { value: VALUE }],
        network_config: { extra_headers: { authorization: VALUE } },
        proxy_config: { type: "http", url: "http://p:1", password: VALUE },
      },
      bedrock: {
        keys: [{ name: "b", bedrock_key_config: { region: "r", access_key: VALUE, secret_key: VALUE, session_token: VALUE } }],
      },
      azure: { keys: [{ name: "c", azure_key_config: { endpoint: "https://x", client_secret: VALUE } }] },
      vertex: { keys: [{ name: "d", vertex_key_config: { project_id: "p", region: "r", auth_credentials: VALUE } }] },
    },
  })
  expect(inspect(config, { depth: 20 })).not.toContain(VALUE)
  expect(JSON.stringify(config)).not.toContain(VALUE)
})
