import type { Notice } from "../../src/core/notice.ts"

/** One difference that a pair of wires cannot avoid. */
export interface Allowed {
  /** Whose value it is, and who cannot carry it. */
  readonly from: string | "*"
  readonly to: string
  readonly side: "request" | "response"
  readonly scenarios: readonly string[] | "*"
  readonly code: Notice["code"] | "refused"
  readonly path: string
  /** What the receiving vendor's format lacks. */
  readonly missing: string
  /** Where its vendor documents the format. */
  readonly source: string
}

/** Scenarios that every pair carries without loss; rows do not excuse them. */
export const lossless: ReadonlySet<string> = new Set([
  "text",
  "tools",
  "tool-call",
  "parallel-tools",
  "tool-empty-args",
  "tool-one-chunk",
  "tool-split-args",
  "multi-turn",
  "length",
  "error-in-stream",
  "cut-stream",
])

export const allowed: readonly Allowed[] = []
