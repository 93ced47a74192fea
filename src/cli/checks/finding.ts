/** One line of what `doctor` found. */
export interface Finding {
  readonly level: "ok" | "warn" | "fail"
  readonly subject: string
  readonly text: string
  /** What to do about it. */
  readonly hint?: string
}
