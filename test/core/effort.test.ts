import { expect, test } from "bun:test"
import { budgetOf, effortOf } from "../../src/core/effort.ts"

test("a budget that stands for an effort comes back as that effort", () => {
  for (const effort of ["low", "medium", "high", "xhigh", "max"]) expect(effortOf(budgetOf(effort), "max")).toBe(effort)
})

test("no budget is less than a model can think", () => {
  expect(effortOf(1024, "high")).toBe("low")
  expect(effortOf(1, "high")).toBe("low")
})

test("no effort is more than every model knows", () => {
  expect([16_384, 16_385, 31_999, 100_000].map((tokens) => effortOf(tokens, "high"))).toEqual(["high", "high", "high", "high"])
  expect(effortOf(100_000, "max")).toBe("max")
})

test("an effort that nobody knows thinks as long as can be", () => {
  expect(budgetOf("ultra")).toBe(31_999)
})
