/** A test that may be skipped, or that is known to fail. `title` is the test's own name, or its describe names and name joined by " > ". */
export interface Excuse {
  readonly title: string
  readonly reason: string
}

const wires = [
  "anthropic-messages",
  "audio",
  "bedrock-converse",
  "cohere-chat",
  "embeddings",
  "gemini",
  "images",
  "openai-chat",
  "openai-responses",
  "rerank",
]

/** The only skips that `test/run.ts` accepts. */
export const skips: readonly Excuse[] = [
  ...wires.map((wire) => ({
    title: `recorded traffic: ${wire}`,
    reason: "the recordings are not part of the repository (TRAFFIC_DIR names their folder)",
  })),
  { title: "a disk that holds up a write", reason: "Windows has no named pipes in folders" },
  {
    title: "watching > sees a mounted file whose folder is swapped by its link",
    reason: "Windows gives no right to make links without asking",
  },
  {
    title: "a full disk > on a real file system ends when there is room",
    reason: "a file system is mounted, which takes Linux and root",
  },
  { title: "several addresses", reason: "only Linux has loopback addresses beside 127.0.0.1" },
  { title: "an address that never accepts", reason: "its queue is filled by calls to libc.so.6" },
  { title: "an address of IPv6", reason: "this machine has no ::1" },
  { title: "the page in a browser", reason: "no Chromium is installed (CHROMIUM names one)" },
]

/** Tests that fail today. A listed one that passes fails the run, so that the list only shrinks. */
export const knownFailures: readonly Excuse[] = []
