import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { type Json, parseJson } from "../../src/lib/json.ts"
import { listTraffic, repository } from "../support/traffic.ts"
import { framesOf } from "./streams.ts"
import { splitResponses } from "./terminal.ts"

export type FixtureKind = "request" | "response" | "stream"

/** One body or one stream with exactly one response. */
export interface Fixture {
  readonly wire: string
  readonly kind: FixtureKind
  readonly name: string
  /** Where it comes from: composed for this repository, or recorded from a vendor. */
  readonly source: "own" | "recorded"
  /** Broken on purpose: only laws that hold for any input apply. */
  readonly malformed?: true
  readonly bytes: Uint8Array
}

/** Recordings that no vendor would send, and why. */
const malformed: ReadonlyMap<string, string> = new Map([
  ["duplicate-message-start", "the start of the message comes twice"],
  ["spliced-message-start", "a second message begins before the first has ended"],
])

/** Several responses in one recording: further ones say nothing new. */
const maxParts = 4

const folders: Readonly<Record<FixtureKind, string>> = { request: "requests", response: "responses", stream: "streams" }

export const jsonOf = (fixture: Fixture): Json => parseJson(Buffer.from(fixture.bytes).toString("utf8"))

/** The composed fixtures of a wire; those that its folder has by now. */
export function ownFixtures(wire: string): readonly Fixture[] {
  return (Object.keys(folders) as FixtureKind[]).flatMap((kind) => {
    const folder = join(repository, "test/fixtures", wire, folders[kind])
    if (!existsSync(folder)) return []
    return readdirSync(folder)
      .filter((file) => file.endsWith(kind === "stream" ? ".sse" : ".json"))
      .sort()
      .map(
        (file): Fixture => ({
          wire,
          kind,
          name: file.replace(/\.(json|sse)$/, ""),
          source: "own",
          bytes: new Uint8Array(readFileSync(join(folder, file))),
        }),
      )
  })
}

/** The recorded answers of a wire, one response each; recorded errors are not among them. */
export function recordedFixtures(wire: string): readonly Fixture[] {
  return listTraffic(wire).flatMap((traffic): Fixture[] => {
    const base = { wire, source: "recorded" as const, ...(malformed.has(traffic.name) ? { malformed: true as const } : {}) }
    if (traffic.file === "response.json") {
      const bytes = traffic.read()
      return isAnswer(wire, bytes) ? [{ ...base, kind: "response", name: traffic.name, bytes }] : []
    }
    if (traffic.file !== "stream.sse") return []
    const parts = splitResponses(wire, framesOf([traffic.read()])).slice(0, maxParts)
    return parts.map((frames, index) => ({
      ...base,
      kind: "stream" as const,
      name: parts.length > 1 ? `${traffic.name}#${index + 1}` : traffic.name,
      bytes: Buffer.concat(frames.map((frame) => frame.raw ?? new Uint8Array())),
    }))
  })
}

/** A whole answer, not an error. */
export function isAnswer(wire: string, bytes: Uint8Array): boolean {
  const body: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"))
  if (typeof body !== "object" || body === null) return false
  switch (wire) {
    case "openai-chat":
      return "choices" in body
    case "openai-responses":
      return "output" in body
    case "anthropic-messages":
      return "content" in body
    default:
      return true
  }
}
