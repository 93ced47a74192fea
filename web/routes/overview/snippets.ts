/**
 * Ready-made code that points one client at this gateway. `url` is without a closing slash; `model` is one that exists; `key` is what stands for the
 * credential that calls need, absent where they need none.
 */
export interface Snippet {
  readonly id: string
  readonly label: string
  /** What it is written in, or where it goes. */
  readonly note: string
  write(url: string, model: string, key?: string): string
}

/** Clients insist on a key. */
const unneeded = "unused"

const openaiPython: Snippet = {
  id: "openai-python",
  label: "OpenAI Python",
  note: "pip install openai",
  write: (url, model, key = unneeded) => `from openai import OpenAI

client = OpenAI(base_url="${url}/v1", api_key="${key}")
answer = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)
`,
}

const openaiJs: Snippet = {
  id: "openai-js",
  label: "OpenAI JS",
  note: "npm install openai",
  write: (url, model, key = unneeded) => `import OpenAI from "openai"

const client = new OpenAI({ baseURL: "${url}/v1", apiKey: "${key}" })
const answer = await client.chat.completions.create({
  model: "${model}",
  messages: [{ role: "user", content: "Hello" }],
})
console.log(answer.choices[0]?.message.content)
`,
}

const anthropicPython: Snippet = {
  id: "anthropic-python",
  label: "Anthropic Python",
  note: "pip install anthropic",
  write: (url, model, key = unneeded) => `import anthropic

client = anthropic.Anthropic(base_url="${url}/anthropic", api_key="${key}")
answer = client.messages.create(
    model="${model}",
    max_tokens=1024,
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.content[0].text)
`,
}

const anthropicJs: Snippet = {
  id: "anthropic-js",
  label: "Anthropic JS",
  note: "npm install @anthropic-ai/sdk",
  write: (url, model, key = unneeded) => `import Anthropic from "@anthropic-ai/sdk"

const client = new Anthropic({ baseURL: "${url}/anthropic", apiKey: "${key}" })
const answer = await client.messages.create({
  model: "${model}",
  max_tokens: 1024,
  messages: [{ role: "user", content: "Hello" }],
})
console.log(answer.content)
`,
}

const curl: Snippet = {
  id: "curl",
  label: "curl",
  note: "any shell",
  write: (url, model, key) => `curl -N \\
  ${url}/v1/chat/completions \\
${key === undefined ? "" : `  -H 'authorization: Bearer ${key}' \\\n`}  -H 'content-type: application/json' \\
  -d '{
    "model": "${model}",
    "stream": true,
    "messages": [
      { "role": "user", "content": "Hello" }
    ]
  }'
`,
}

const claudeCode: Snippet = {
  id: "claude-code",
  label: "Claude Code",
  note: "environment, then run it",
  write: (url, model, key = unneeded) => `export ANTHROPIC_BASE_URL="${url}/anthropic"
export ANTHROPIC_AUTH_TOKEN="${key}"
claude --model "${model}"
`,
}

const codex: Snippet = {
  id: "codex",
  label: "Codex",
  note: "~/.codex/config.toml",
  write: (url, model, key) => `model = "${model}"
model_provider = "gantry"

[model_providers.gantry]
name = "Gantry"
base_url = "${url}/v1"
wire_api = "responses"
${key === undefined ? "" : `env_key = "${key}"\n`}`,
}

export const snippets: readonly Snippet[] = [curl, openaiPython, openaiJs, anthropicPython, anthropicJs, claudeCode, codex]
