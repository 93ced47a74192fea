import type { Provider } from "../core/provider.ts"
import { anthropic } from "./anthropic.ts"
import { groq } from "./groq.ts"
import { mock } from "./mock.ts"
import { ollama } from "./ollama.ts"
import { openai } from "./openai.ts"
import { openrouter } from "./openrouter.ts"

/** Every provider that is built in, in the order in which a start without a file lists them. */
export const builtinProviders: readonly Provider[] = [openai, anthropic, openrouter, groq, ollama, mock]
