import { expect, test } from "bun:test"
import { get, giveBack, i32, i64, loopWhile, run, set, wasmModule, when } from "../../src/lib/wasm.ts"

type Run = (...parameters: number[]) => number

const instance = (...parameters: Parameters<typeof wasmModule>) =>
  new WebAssembly.Instance(wasmModule(...parameters)).exports.run as Run

test("constants of every size", () => {
  for (const value of [0, 1, 63, 64, -1, -64, -65, 127, 128, 8191, 8192, 2 ** 31 - 1, -(2 ** 31)]) {
    expect(instance(0, [], i32.const(value))()).toBe(value)
    expect(instance(0, [], i32.from64(i64.const(BigInt(value))))()).toBe(value)
  }
})

test("loops and branches", () => {
  const sum = instance(
    1,
    ["i32"],
    run(
      when(i32.isZero(get(0)), giveBack(i32.const(-5))),
      loopWhile(get(0), run(set(1, i32.add(get(1), get(0))), set(0, i32.sub(get(0), i32.const(1))))),
      get(1),
    ),
  )
  expect([sum(0), sum(1), sum(100)]).toEqual([-5, 1, 5050])
})
