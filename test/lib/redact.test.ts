import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { maskSecret, REDACTED, redactText } from "../../src/lib/redact.ts"
import { secretBox } from "../../src/lib/secret-box.ts"

const SECRET = "Zq8xT2mNp4Lk7Wv1Rb5Y"

describe("redactText", () => {
  test("takes out secrets of well-known shapes", () => {
    for (const text of [
      `key sk-${SECRET} was refused`,
      `sk-proj-${SECRET}_-x`,
      `Authorization: Bearer ${SECRET}`,
      `authorization=Basic ${SECRET}==`,
      `x-api-key: ${SECRET}`,
      `{"api_key": "${SECRET}"}`,
      `{"apiKey":"${SECRET}"}`,
      `{"password":"two words ${SECRET}"}`,
      JSON.stringify(`{"api_key": "${SECRET}"}`),
      `{"Authorization":"Bearer ${SECRET}"}`,
      `{"Authorization":"${SECRET}"}`,
      `api_key='${SECRET}'`,
      `https://user:${SECRET}@example.com/v1`,
      `GET /v1/models?alt=sse&key=${SECRET}&x=1`,
      `https://bucket/x?X-Amz-Signature=${SECRET}`,
      `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${SECRET}`,
      `AIza${SECRET}${SECRET}`,
      `password=${SECRET}`,
      `api_key=token${SECRET}`,
    ]) {
      expect(redactText(text)).not.toContain(SECRET)
      expect(redactText(text)).toContain(REDACTED)
    }
    expect(redactText(`/v1?alt=sse&key=${SECRET}&x=1`)).toBe(`/v1?alt=sse&key=${REDACTED}&x=1`)
    expect(redactText(`{"api_key": "${SECRET}", "a": 1}`)).toBe(`{"api_key": "${REDACTED}", "a": 1}`)
  })

  test("leaves ordinary text, and is stable", () => {
    for (const text of [
      "the task-list is done",
      "max_tokens: 100",
      "a key point: be brief",
      "https://example.com/a@b?monkey=1",
      "bearer of news",
      "the token generation",
      "basic information",
    ]) {
      expect(redactText(text)).toBe(text)
    }
    fc.assert(fc.property(fc.string(), (text) => redactText(redactText(text)) === redactText(text)))
  })

  test("stays fast on hostile input", () => {
    for (const piece of ["a", "://", "api-", "x-api-key", "Bearer ", "eyJ", '"', "\\", "sk-", "?key", " :"]) {
      expect(redactText(piece.repeat(20_000)).length).toBeGreaterThan(0)
    }
  })
})

test("maskSecret shows little of a long secret and nothing of a short one", () => {
  expect(maskSecret("sk-abcdefghijklmnopqrstuvwxyz0123456789")).toBe("sk-abc…6789")
  expect(maskSecret("sk-abcdefghijklmnopqrs")).toBe("sk-a…pqrs")
  expect(maskSecret("short-secret")).toBe("…")
  fc.assert(fc.property(fc.string(), (secret) => maskSecret(secret).length <= 11))
})

describe("secretBox", () => {
  test("replaces known values, longest first, also escaped, until they are forgotten", () => {
    const box = secretBox()
    const forget = box.add("odd value/+?")
    box.add("odd value/+? and more")
    expect(box.redact("a odd value/+? and more b odd value/+?")).toBe(`a ${REDACTED} b ${REDACTED}`)
    expect(box.redact(encodeURIComponent("odd value/+?"))).toBe(REDACTED)
    forget()
    forget()
    expect(box.redact("odd value/+?")).toBe("odd value/+?")
    expect(box.size()).toBe(1)
  })

  test("a value known twice stays until both are forgotten; a short one is not kept", () => {
    const box = secretBox()
    const [one, two] = [box.add("known twice"), box.add("known twice")]
    one()
    expect(box.redact("known twice")).toBe(REDACTED)
    two()
    expect(box.redact("known twice")).toBe("known twice")
    box.add("abc")
    expect(box.redact("abc")).toBe("abc")
  })

  test("lists how known values are spelled, anew only after a change", () => {
    const box = secretBox()
    const forget = box.add("a value/+")
    expect(box.spellings()).toEqual(["a%20value%2F%2B", "a value/+"])
    expect(box.spellings()).toBe(box.spellings())
    forget()
    expect(box.spellings()).toEqual([])
  })

  test("no text lets a known value through", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(!REDACTED.includes(secret))
        const box = secretBox()
        box.add(secret)
        expect(box.redact(before + secret + after)).toContain(REDACTED)
      }),
    )
  })
})
