import { expect, test } from "bun:test"
import { secretsIn } from "../../src/config/secrets-in.ts"
import { accept } from "./facts.ts"

test("secrets are keys, clouds' credentials, passwords, the admin's, and headers that carry one", () => {
  const { config } = accept(
    {
      encryption_key: "encryption-key-0",
      admin: { token: "admin-token-0" },
      providers: {
        openai: {
          keys: [{ name: "one", value: "env.OPENAI_API_KEY", models: ["*"], weight: 1 }],
          network_config: {
            extra_headers: {
              Authorization: "Bearer header-secret",
              "x-goog-api-key": "header-key",
              "x-team": "blue",
              "x-mark": "env.MARK",
            },
          },
          proxy_config: { type: "http", url: "http://127.0.0.1:3128", username: "me", password: "proxy-password" },
        },
        bedrock: {
          keys: [
            {
              value: "",
              models: ["*"],
              weight: 1,
              bedrock_key_config: { access_key: "cloud-access", secret_key: "cloud-secret" },
            },
          ],
        },
      },
    },
    { OPENAI_API_KEY: "sk-test-0123456789", MARK: "hidden-mark" },
  )
  expect(new Set(secretsIn(config))).toEqual(
    new Set([
      "encryption-key-0",
      "admin-token-0",
      "sk-test-0123456789",
      "cloud-access",
      "cloud-secret",
      "proxy-password",
      "Bearer header-secret",
      "header-secret",
      "header-key",
      "hidden-mark",
    ]),
  )
})
