/** Paths that vendors and Bifrost have below `/v1`, and this version has not. A `*` stands for one or more segments. */
const belowPrefix = [
  "/completions",
  "/complete",
  "/embeddings",
  "/moderations",
  "/rerank",
  "/ocr",
  "/audio/*",
  "/images/*",
  "/videos",
  "/videos/*",
  "/files",
  "/files/*",
  "/uploads",
  "/uploads/*",
  "/batches",
  "/batches/*",
  "/containers",
  "/containers/*",
  "/fine_tuning/*",
  "/vector_stores",
  "/vector_stores/*",
  "/conversations",
  "/conversations/*",
  "/realtime",
  "/realtime/*",
  "/chat/completions/*",
  "/responses/*",
  "/messages/count_tokens",
  "/messages/batches",
  "/messages/batches/*",
] as const

/** Whole faces of Bifrost's. */
const elsewhere = [
  "/genai/*",
  "/v1beta/*",
  "/bedrock/*",
  "/cohere/*",
  "/litellm/*",
  "/langchain/*",
  "/pydanticai/*",
  "/cursor/*",
  "/openai/openai/deployments/*",
  "/openai_passthrough/*",
  "/anthropic_passthrough/*",
  "/azure_passthrough/*",
  "/genai_passthrough/*",
  "/passthrough/*",
  "/mcp",
  "/mcp/*",
] as const

const matches = (path: string, pattern: string): boolean =>
  pattern.endsWith("/*")
    ? path.startsWith(pattern.slice(0, -1)) && path.length > pattern.length - 1
    : path === pattern || path === `${pattern}/`

/** Whether a path lies below a face of Bifrost's that a later version may have. */
export const isUnbuiltFace = (path: string): boolean => elsewhere.some((pattern) => matches(path, pattern))

/** Whether a path is one that callers may expect, and that a later version may have. */
export function isUnbuilt(path: string, prefixes: readonly string[]): boolean {
  if (isUnbuiltFace(path)) return true
  return prefixes.some(
    (prefix) => path.startsWith(`${prefix}/`) && belowPrefix.some((pattern) => matches(path.slice(prefix.length), pattern)),
  )
}
