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

test("a header whose name only sounds like a secret is one unless its value is words", () => {
  const headers = {
    "x-cache-key": "production-environment",
    "x-routing-key": "eu-west/9f86d081884c7d65",
    "x-session-token": "9f86d081884c7d659a2feaa0",
    "x-tokenizer": "o200k_harmony",
    "x-max-tokens": "100000000",
    "x-pair-key": "env.WORDS",
    "x-api-key": "correct-horse-battery",
    "x-auth-token": "staple",
  }
  const { config } = accept(
    { providers: { openai: { keys: [], network_config: { extra_headers: headers } } } },
    { WORDS: "kept-out-of-the-file" },
  )
  expect(new Set(secretsIn(config))).toEqual(
    new Set(["eu-west/9f86d081884c7d65", "9f86d081884c7d659a2feaa0", "kept-out-of-the-file", "correct-horse-battery", "staple"]),
  )
})
