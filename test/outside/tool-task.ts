import { agentUpstream } from "../support/agent-upstream.ts"
import { startGateway } from "../support/gateway.ts"
import { type Agent, claudeCode, codex } from "./agents.ts"
import { type Case, check } from "./case.ts"

interface Format {
  readonly wire: string
  readonly baseType: string
  /** The request type that a custom provider of this format serves. */
  readonly operation: string
  /** How its path ends. */
  readonly path: string
}

const formats: readonly Format[] = [
  { wire: "openai-chat", baseType: "openai", operation: "chat_completion", path: "/chat/completions" },
  { wire: "openai-responses", baseType: "openai", operation: "responses", path: "/responses" },
  { wire: "anthropic-messages", baseType: "anthropic", operation: "chat_completion", path: "/messages" },
]

/** Every agent against a provider of every format: it runs a tool, sends the result back, and gets the last word. */
export const toolTasks: readonly Case[] = [claudeCode(), codex].flatMap((agent) =>
  formats.map((format) => ({
    name: `${agent.name} through a provider that speaks ${format.wire}`,
    run: () => toolTask(agent, format),
  })),
)

/** A shell joins the words with single spaces, so the output cannot be taken from the command. */
const command = "echo hello    gantry"
const shown = "hello gantry"

async function toolTask(agent: Agent, { baseType, operation, path }: Format): Promise<void> {
  await using upstream = await agentUpstream({ command })
  await using gateway = await startGateway({
    config: {
      providers: {
        workshop: {
          keys: [{ name: "k", value: "sk-upstream", models: ["*"], weight: 1 }],
          network_config: { base_url: upstream.url },
          custom_provider_config: {
            base_provider_type: baseType,
            allowed_requests: { [operation]: true, [`${operation}_stream`]: true },
          },
        },
      },
    },
  })
  const prompt = "Run the command echo hello gantry with your shell tool, then say what it printed."
  const last = await agent.run({ url: gateway.url, model: "workshop/m", prompt })
  check(last.includes("The tool said:") && last.includes(shown), `its last words are ${last.slice(-500)}`)
  const paths = upstream.requests.filter(({ method }) => method === "POST").map((request) => request.path.split("?")[0] ?? "")
  const turns = paths.filter((one) => one.endsWith(path))
  check(turns.length >= 2, `the provider was asked at ${paths.join(", ")}`)
}
