import { type SourceFile, withoutComments } from "./sources.ts"

/** A file (a path, or a folder ending in a slash) that may break one rule, and why. */
export interface Allowance {
  readonly file: string
  readonly reason: string
}

/** Names of vendors as their providers are called in a configuration. */
const providerNames = [
  "openai",
  "anthropic",
  "azure",
  "bedrock",
  "bedrock_mantle",
  "vertex",
  "cohere",
  "mistral",
  "ollama",
  "groq",
  "gemini",
  "openrouter",
  "sgl",
  "parasail",
  "perplexity",
  "replicate",
  "elevenlabs",
  "deepgram",
  "cerebras",
  "deepseek",
  "vllm",
  "huggingface",
  "fireworks",
  "nebius",
  "xai",
]

/** Keys of vendors' bodies that no other layer has a reason to know. */
const wireFields = [
  "tool_calls",
  "tool_call_id",
  "tool_use_id",
  "finish_reason",
  "stop_reason",
  "stop_sequence",
  "max_completion_tokens",
  "reasoning_content",
  "reasoning_details",
  "encrypted_content",
  "content_block",
  "content_block_delta",
  "message_start",
  "input_json_delta",
  "input_schema",
  "output_text",
  "function_call_output",
  "cache_read_input_tokens",
  "cache_creation_input_tokens",
  "prompt_tokens_details",
  "completion_tokens_details",
  "input_tokens_details",
  "functionCall",
  "functionResponse",
  "functionDeclarations",
  "thoughtSignature",
  "generationConfig",
  "systemInstruction",
  "promptFeedback",
  "finishReason",
  "usageMetadata",
  "inferenceConfig",
  "toolUseId",
  "stopReason",
]

export interface Finding {
  readonly file: string
  readonly line: number
  readonly word: string
}

const quotedName = new RegExp(`["'\`](${providerNames.join("|")})["'\`]`, "g")
const fieldName = new RegExp(`\\b(${wireFields.join("|")})\\b`, "g")
const escapeHatch = /(?::\s*any\b|<any>|\bas any\b|\bany\[\]|@ts-(?:ignore|nocheck|expect-error))/g

/** Provider names that stand as whole string literals. */
export const providerNamesIn = (file: SourceFile): readonly Finding[] => findings(file, quotedName, true)

export const wireFieldsIn = (file: SourceFile): readonly Finding[] => findings(file, fieldName, true)

/** Uses of `any` and switched-off type errors. The latter are comments, so comments are searched too. */
export const escapeHatchesIn = (file: SourceFile): readonly Finding[] =>
  findings(file, escapeHatch, false).filter(({ word }) => word.startsWith("@") || withoutComments(file.text).includes(word))

function findings({ path, text }: SourceFile, pattern: RegExp, codeOnly: boolean): readonly Finding[] {
  const code = codeOnly ? blankComments(text) : text
  return [...code.matchAll(pattern)].map((match) => ({
    file: path,
    line: code.slice(0, match.index).split("\n").length,
    word: match[1] ?? match[0],
  }))
}

/** Comments gone, line numbers kept. */
const blankComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, "")).replace(/(^|\s)\/\/.*$/gm, "$1")

export const allowed = (finding: Finding, allowances: readonly Allowance[]): boolean =>
  allowances.some(({ file }) => (file.endsWith("/") ? finding.file.startsWith(file) : finding.file === file))

export const describeFinding = ({ file, line, word }: Finding): string => `${file}:${line} ${word}`
