import { afterEach, expect, test } from "bun:test"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { tempFolder } from "./temp.ts"
import { listTraffic, trafficFolder } from "./traffic.ts"

const before = process.env.TRAFFIC_DIR
afterEach(() => {
  if (before === undefined) delete process.env.TRAFFIC_DIR
  else process.env.TRAFFIC_DIR = before
})

test("recordings are listed by wire, in name order, and read byte for byte", async () => {
  await using folder = await tempFolder()
  process.env.TRAFFIC_DIR = folder.path
  await Bun.write(join(folder.path, "MANIFEST.tsv"), "file\n")
  await Bun.write(join(folder.path, "gemini/b/stream.sse"), "data: 1\n\n")
  await Bun.write(join(folder.path, "gemini/a/response.json"), "{}")
  await Bun.write(join(folder.path, "gemini/a/stream.sse"), "data: é\n\n")
  await mkdir(join(folder.path, "gemini/empty"))
  expect(listTraffic("gemini").map(({ name, file }) => `${name}/${file}`)).toEqual([
    "a/response.json",
    "a/stream.sse",
    "b/stream.sse",
  ])
  expect(listTraffic("gemini", "stream.sse")[0]?.text()).toBe("data: é\n\n")
  expect(listTraffic("gemini", "response.json")[0]?.read()).toEqual(new TextEncoder().encode("{}"))
})

test("without recordings the list is empty", () => {
  process.env.TRAFFIC_DIR = "/nowhere/at/all"
  expect(trafficFolder()).toBeUndefined()
  expect(listTraffic("gemini")).toEqual([])
})
