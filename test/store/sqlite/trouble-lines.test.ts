import { expect, test } from "bun:test"
import { troubleLines } from "../../../src/store/sqlite/trouble-lines.ts"

function listening() {
  const told: string[] = []
  let minutes = 0
  const heard = troubleLines(
    (level, message) => void told.push(`${level}: ${message}`),
    () => minutes * 60_000,
  )
  return {
    told,
    fine: () => heard({ state: "ok", lastError: "long ago" }),
    trouble: (lastError: string, state: "degraded" | "down" = "degraded") => heard({ state, lastError }),
    later: (more: number) => {
      minutes += more
    },
  }
}

test("trouble is told once, and its end", () => {
  const { told, fine, trouble } = listening()
  fine()
  trouble("the disk is full")
  trouble("the disk is full")
  trouble("the Worker died", "down")
  fine()
  fine()
  expect(told).toEqual(["warn: log: the disk is full", "warn: log: the Worker died", "info: log: calls are written again"])
})

test("trouble that comes and goes is told again after ten minutes, with its end", () => {
  const { told, fine, trouble, later } = listening()
  for (let minute = 0; minute < 20; minute++) {
    trouble("the disk is full")
    trouble("a file is locked")
    fine()
    later(1)
  }
  const once = ["warn: log: the disk is full", "warn: log: a file is locked", "info: log: calls are written again"]
  expect(told).toEqual([...once, ...once])
})
