import { describe, expect, test } from "bun:test"
import { resolve } from "node:path"
import { readLogLevel, readSettings } from "../../src/cli/settings.ts"

describe("settings", () => {
  test("a flag wins over our variable, and ours over the other one", () => {
    const env = { GANTRY_PORT: "2", APP_PORT: "3", APP_HOST: "::1", GANTRY_DIR: " /a " }
    expect(readSettings({ port: "1" }, env)).toEqual({ port: 1, host: "::1", dir: "/a", file: undefined })
    expect(readSettings({}, env).port).toBe(2)
    expect(readSettings({}, { APP_PORT: "3" }).port).toBe(3)
    expect(readSettings({}, { GANTRY_PORT: "" })).toEqual({ port: undefined, host: undefined, dir: undefined, file: undefined })
  })

  test("paths are made absolute", () => {
    expect(readSettings({ dir: "x", config: "c.json" }, {})).toMatchObject({ dir: resolve("x"), file: resolve("c.json") })
  })

  test.each(["http", "-1", "65536", "1.5", "0x10", "999999"])("%s is no port", (port) => {
    expect(() => readSettings({ port }, {})).toThrow("--port")
    expect(() => readSettings({}, { GANTRY_PORT: port })).toThrow("GANTRY_PORT")
  })

  test("log levels are words", () => {
    expect(readLogLevel(undefined, {})).toBe("info")
    expect(readLogLevel("WARN", {})).toBe("warn")
    expect(readLogLevel(undefined, { GANTRY_LOG_LEVEL: "error" })).toBe("error")
    expect(() => readLogLevel("loud", {})).toThrow("debug, info, warn, error")
  })
})
