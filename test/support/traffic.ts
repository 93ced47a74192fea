import { describe } from "bun:test"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { skipWithReason } from "./skip.ts"

export const repository = resolve(import.meta.dir, "../..")

/** The folder of recorded provider traffic, or undefined where there is none. */
export function trafficFolder(): string | undefined {
  const folder = process.env.TRAFFIC_DIR ?? join(repository, "../shared/traffic")
  return existsSync(join(folder, "MANIFEST.tsv")) ? folder : undefined
}

export type Recording = "response.json" | "stream.sse" | "stream.bin" | "events.jsonl"

/** One recorded file: `name` is the scenario. */
export interface Traffic {
  readonly wire: string
  readonly name: string
  readonly file: Recording
  read(): Uint8Array
  text(): string
}

const recordings: readonly Recording[] = ["response.json", "stream.sse", "stream.bin", "events.jsonl"]

/** All recordings of a wire, in name order; empty where there is no recorded traffic. */
export function listTraffic(wire: string, file?: Recording): readonly Traffic[] {
  const folder = trafficFolder()
  if (folder === undefined) return []
  return readdirSync(join(folder, wire), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .flatMap((name) => recordingsIn(folder, wire, name))
    .filter((traffic) => file === undefined || traffic.file === file)
}

function recordingsIn(folder: string, wire: string, name: string): readonly Traffic[] {
  return recordings
    .filter((file) => existsSync(join(folder, wire, name, file)))
    .map((file) => {
      const path = join(folder, wire, name, file)
      return { wire, name, file, read: () => new Uint8Array(readFileSync(path)), text: () => readFileSync(path, "utf8") }
    })
}

/** Runs `define` where recorded traffic exists; else registers one skip named `recorded traffic: WIRE`. */
export function describeTraffic(wire: string, define: (traffic: readonly Traffic[]) => void): void {
  if (trafficFolder() === undefined) {
    skipWithReason(`recorded traffic: ${wire}`, "no folder of recordings: set TRAFFIC_DIR")
    return
  }
  describe(`recorded traffic: ${wire}`, () => define(listTraffic(wire)))
}
