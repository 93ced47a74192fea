/** The headers in which coding agents name their sessions, in the order that decides. */
export const agentSessionHeaders: readonly string[] = [
  "x-claude-code-session-id",
  "session-id",
  "thread-id",
  "x-session-id",
  "x-session-affinity",
]

export interface ClientLine {
  readonly client: string
  /** What to set or to run, on one line. */
  readonly line: string
}

/** How clients are pointed at a gateway, whose address has no closing slash; `model` is undefined where none is known; `key` is a word of the shell. */
export const clientLines = (url: string, model: string | undefined, key = "unused"): readonly ClientLine[] => [
  { client: "OpenAI SDK", line: `base_url ${url}/v1` },
  { client: "Anthropic", line: `base_url ${url}/anthropic` },
  {
    client: "Claude Code",
    line: `ANTHROPIC_BASE_URL=${url}/anthropic ANTHROPIC_AUTH_TOKEN=${key} claude --model ${model ?? "'<model>'"}`,
  },
]
