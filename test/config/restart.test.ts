import { expect, test } from "bun:test"
import { restartNotes } from "../../src/config/restart.ts"
import { accept } from "./facts.ts"

const config = (port: number, days = 30, enabled = true) =>
  accept({ server: { port }, client: { log_retention_days: days, enable_logging: enabled } }).config

test("an edit that waits for the next start is told once, and again after it was taken back", () => {
  const notes = restartNotes(config(80), { host: undefined, port: undefined })
  expect(notes(config(80))).toEqual([])
  expect(notes(config(81))).toEqual(["server.port"])
  expect(notes(config(81, 7))).toEqual(["client.log_retention_days"])
  expect(notes(config(82, 7))).toEqual([])
  expect(notes(config(80, 30))).toEqual([])
  expect(notes(config(81))).toEqual(["server.port"])
})

test("what a flag decides, and the retention of a log that is off, is not told", () => {
  expect(restartNotes(config(80), { host: undefined, port: 9 })(config(81))).toEqual([])
  expect(restartNotes(config(80, 30, false), { host: undefined, port: undefined })(config(80, 7))).toEqual([])
})
