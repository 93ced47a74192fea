import { join } from "node:path"
import { check } from "./case.ts"
import { installed } from "./install.ts"
import { output } from "./program.ts"

export interface Task {
  /** The gateway's. */
  readonly url: string
  /** As `provider/model`. */
  readonly model: string
  readonly prompt: string
}

/** A coding agent that does one task and returns its last words. */
export interface Agent {
  readonly name: string
  run(task: Task): Promise<string>
}

const quietClaude = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_TELEMETRY: "1",
  DISABLE_ERROR_REPORTING: "1",
  DISABLE_AUTOUPDATER: "1",
}

export interface ClaudeOptions {
  /** Further words of its command line. */
  readonly words?: readonly string[]
  /** The model never ends by itself, so an answer that was cut here counts as one. */
  readonly cutAt?: number
}

/** https://docs.anthropic.com/en/docs/claude-code/cli-reference */
export function claudeCode({ words = [], cutAt }: ClaudeOptions = {}): Agent {
  return {
    name: "Claude Code 2.1.330",
    async run({ url, model, prompt }) {
      const folder = await installed("@anthropic-ai/claude-code", "2.1.330")
      const said = await output({
        command: [
          join(folder, "node_modules", ".bin", "claude"),
          ...["-p", prompt, "--model", model, "--output-format", "json", "--allowedTools", "Bash(echo:*)"],
          ...words,
        ],
        env: {
          ...quietClaude,
          ANTHROPIC_BASE_URL: `${url}/anthropic`,
          ANTHROPIC_API_KEY: "sk-outside",
          ANTHROPIC_SMALL_FAST_MODEL: model,
          ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
          ...(cutAt === undefined ? {} : { CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(cutAt) }),
        },
        ...(cutAt === undefined ? {} : { exitCodes: [0, 1] }),
      })
      const { result, is_error: failed } = JSON.parse(said) as { result?: unknown; is_error?: unknown }
      check(typeof result === "string", `it reports no result: ${said.slice(0, 1_000)}`)
      const cut = cutAt !== undefined && result.includes(`${cutAt} output token maximum`)
      check(failed === false || cut, `it reports an error: ${result}`)
      return result
    },
  }
}

/** https://developers.openai.com/codex/config-reference */
export const codex: Agent = {
  name: "Codex 0.169.0",
  async run({ url, model, prompt }) {
    const folder = await installed("@openai/codex", "0.169.0")
    const provider = `{name="gantry",base_url="${url}/v1",env_key="GANTRY_KEY",wire_api="responses"}`
    return output({
      command: [
        ...[process.execPath, join(folder, "node_modules", "@openai", "codex", "bin", "codex.js")],
        ...["exec", "--skip-git-repo-check", "-s", "read-only", "-m", model],
        ...["-c", "model_provider=gantry", "-c", `model_providers.gantry=${provider}`],
        ...["-c", "analytics.enabled=false", "-c", "check_for_update_on_startup=false"],
        prompt,
      ],
      env: { GANTRY_KEY: "sk-outside" },
    })
  },
}
