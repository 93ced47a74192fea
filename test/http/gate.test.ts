import { describe, expect, test } from "bun:test"
import { newToken } from "../../src/http/door-rules.ts"
import type { DoorRules } from "../../src/http/doors.ts"
import { type Gate, gate } from "../../src/http/gate.ts"
import { guesses } from "../../src/http/guesses.ts"
import { beyondGuessing } from "../../src/http/session.ts"

const token = "admin-token-0123456789"
const rules: DoorRules = { loopback: false, allowedHosts: [], allowedOrigins: [], admin: { token }, guardInference: true }

const from = (address: string, secret: string) =>
  new Request("http://gateway/api/version", { headers: { authorization: `Bearer ${secret}`, "x-from": address } })

/** A gate after so many wrong credentials from everywhere that answers to further ones are held back until `free`. */
function besieged() {
  const held: (() => void)[] = []
  const sleep = () => new Promise<void>((resolve) => void held.push(resolve))
  const address = (request: Request) => request.headers.get("x-from") ?? ""
  const made = gate({ rules: () => rules, address, guesses: guesses(() => 0, sleep) })
  expect(knock(made, "operator", token)).toBeUndefined()
  for (let index = 0; index < 200; index++) expect(knock(made, `stranger-${index}`, "guess")).toBe("wrong-admin")
  return { made, held, free: () => held.splice(0).forEach((end) => void end()) }
}

const knock = (made: Gate, address: string, secret: string) => made.knock(from(address, secret), "/api/version")

describe("while wrong credentials come in numbers", () => {
  test("whoever asks whether they may enter is told of a wrong one as late", async () => {
    const { made, held, free } = besieged()
    const late = made.entersAdmin(from("another", "guess"))
    expect(held).toHaveLength(1)
    expect(made.entersAdmin(new Request("http://gateway/"))).toBe(false)
    expect(made.entersAdmin(from("another", token))).toBe(true)
    expect(held).toHaveLength(1)
    free()
    expect(await late).toBe(false)
  })

  test("those who came in before go on coming in", async () => {
    const { made, free } = besieged()
    const late = Array.from({ length: 20 }, (_, index) => made.entersAdmin(from(`other-${index}`, "guess")))
    expect(knock(made, "newcomer", token)).toBe("locked")
    expect(knock(made, "operator", token)).toBeUndefined()
    expect(knock(made, "operator", "guess")).toBe("wrong-admin")
    free()
    expect(new Set(await Promise.all(late))).toEqual(new Set([false]))
    expect(knock(made, "newcomer", token)).toBeUndefined()
  })
})

describe("a right credential that nobody can find by trying", () => {
  const long = "a0b1c2d3".repeat(4)
  const address = () => "a proxy that all come through"
  const locked = (admin: DoorRules["admin"] & object) => {
    const made = gate({ rules: () => ({ ...rules, admin }), address, guesses: guesses(() => 0) })
    for (let index = 0; index < 10; index++) expect(knock(made, "", `guess-${index}`)).toBe("wrong-admin")
    return made
  }
  const basic = (name: string, secret: string) =>
    new Request("http://gateway/api/version", { headers: { authorization: `Basic ${btoa(`${name}:${secret}`)}` } })

  test("is let in however many wrong ones others bring, which stay out", () => {
    const made = locked({ token: long })
    expect(knock(made, "", long)).toBeUndefined()
    expect(made.entersAdmin(from("", long))).toBe(true)
    expect(made.judge(from("", ""), [{ name: "", secret: long }], { token: long })).toBe("in")
    for (const secret of [`${long}x`, long.slice(1), long.toUpperCase()]) expect(knock(made, "", secret)).toBe("locked")
    const admin = { username: "root", password: long }
    expect(locked(admin).knock(basic("root", long), "/api/version")).toBeUndefined()
    expect(locked(admin).knock(basic("toor", long), "/api/version")).toBe("locked")
  })

  test("is a long one of many characters; a short one beside it waits", () => {
    for (const secret of [token, "0".repeat(40), "hunter2hunter2hunter2hunter2hunter2hunter2"])
      expect(knock(locked({ token: secret }), "", secret), secret).toBe("locked")
    const made = locked({ token: long, username: "root", password: "short" })
    expect(made.knock(basic("root", "short"), "/api/version")).toBe("locked")
    expect(knock(made, "", long)).toBeUndefined()
  })

  test("is each of those that are made here", () => {
    for (let index = 0; index < 1_000; index++) {
      const secret = newToken()
      expect(beyondGuessing({ token: secret })).toEqual({ token: secret })
    }
  })
})
