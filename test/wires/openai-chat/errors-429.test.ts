import { expect, test } from "bun:test"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"

const decode = (error: object) => openaiChat.error.decode(429, JSON.stringify({ error }), new Headers({ "retry-after": "7" }))

test("a rate limit whose text links to a billing page is a rate limit", () => {
  const error = decode({
    message: "Rate limit reached for model m on tokens per minute (TPM). Upgrade at https://console.example.com/settings/billing",
    type: "tokens",
    code: "rate_limit_exceeded",
  })
  expect(error).toMatchObject({ kind: "rate-limit", retryAfterMs: 7_000 })
})

test("a used-up quota is told by its code, and without one by its text", () => {
  expect(decode({ message: "no more", code: "insufficient_quota" }).kind).toBe("quota")
  expect(decode({ message: "You exceeded your current quota, please check your plan and billing details." }).kind).toBe("quota")
})
