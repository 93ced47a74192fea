import { describe, expect, test } from "bun:test"
import type { DoorRules } from "../../src/http/doors.ts"
import { type Gate, gate } from "../../src/http/gate.ts"
import { guesses } from "../../src/http/guesses.ts"

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
