/**
 * What those who speak this format add to their answers for their own use, each with its documentation: speeds, the host that served, a request's
 * own id. A caller of this format gets it as it came. It says nothing to a caller of another, so no notice tells that it is left out there.
 */
const answerExtras = {
  timings: "https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",
  __verbose: "https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",
  x_groq: "https://console.groq.com/docs/api-reference#chat-create",
  usage_breakdown: "https://console.groq.com/docs/api-reference#chat-create",
  provider: "https://openrouter.ai/docs/api-reference/overview",
  stats: "https://lmstudio.ai/docs/app/api/endpoints/rest",
  model_info: "https://lmstudio.ai/docs/app/api/endpoints/rest",
  runtime: "https://lmstudio.ai/docs/app/api/endpoints/rest",
  obfuscation: "https://platform.openai.com/docs/api-reference/chat-streaming/streaming",
} as const

export const answerExtraKeys: readonly string[] = Object.keys(answerExtras)
