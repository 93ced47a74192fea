import { openaiErrors } from "../openai-error.ts"
import { wireId } from "./types.ts"

export const errors = openaiErrors({ wire: wireId, keepsObjects: true })
