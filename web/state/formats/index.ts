import { chat } from "./chat.ts"
import type { Format } from "./format.ts"
import { messages } from "./messages.ts"
import { responses } from "./responses.ts"

/** The formats that a model can be tried in. */
export const formats: readonly Format[] = [chat, messages, responses]
