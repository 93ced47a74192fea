import type { StatusView } from "../../../src/http/api/types.ts"

type Provider = StatusView["providers"][number]

const provider = (change: Partial<Provider> & Pick<Provider, "id">): Provider => ({
  label: change.id,
  baseUrl: `https://api.${change.id}.example/v1`,
  wires: ["openai-chat"],
  keys: [{ id: `${change.id}-1`, name: "main", masked: "…x7Qa", weight: 1 }],
  running: 0,
  waiting: 0,
  concurrency: 1_000,
  models: ["one", "two", "three"],
  ...change,
})

/** A gateway with a bit of everything: several keys, one cooling, a list of models that could not be read. */
export const status = (change: Partial<StatusView> = {}): StatusView => ({
  version: "0.1.0",
  startedAt: Date.now() - 3 * 3_600_000 - 17 * 60_000,
  state: "serving",
  url: "http://127.0.0.1:8080",
  config: {
    source: "file",
    file: "config.json",
    version: 3,
    hash: "9f2c",
    loadedAt: Date.now() - 60_000,
    problems: [],
    warnings: [],
  },
  providers: [
    provider({
      id: "openai",
      label: "OpenAI",
      wires: ["openai-responses", "openai-chat"],
      running: 12,
      models: ["gpt-5.2", "gpt-5.2-mini", "gpt-5.2-nano"],
      keys: [
        { id: "o1", name: "main", masked: "sk-pro…x7Qa", weight: 3 },
        { id: "o2", name: "team-b", masked: "sk-pro…81Zd", weight: 1 },
      ],
    }),
    provider({
      id: "anthropic",
      label: "Anthropic",
      wires: ["anthropic-messages"],
      running: 4,
      waiting: 2,
      concurrency: 4,
      models: ["claude-sonnet-5", "claude-opus-5"],
      keys: [
        {
          id: "a1",
          name: "main",
          masked: "sk-ant…9QAA",
          weight: 1,
          cooling: { until: Date.now() + 41_000, reason: "rate-limit" },
        },
        { id: "a2", name: "spare", masked: "sk-ant…kPAA", weight: 1 },
      ],
    }),
    provider({ id: "groq", label: "Groq", models: ["llama-4-scout"] }),
    provider({
      id: "ollama",
      label: "Ollama",
      baseUrl: "http://127.0.0.1:11434",
      keys: [],
      models: [],
      modelsError: "connection refused",
    }),
  ],
  log: { state: "ok", queued: 0, dropped: 0, written: 184_201 },
  totals: { calls: 184_213, errors: 411, active: 18 },
  ...change,
})
