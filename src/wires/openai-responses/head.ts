import { headReader } from "../../core/head.ts"

/** Usage always comes in the closing frame, so it is never asked for. */
export const head = headReader({ pinned: ["previous_response_id", "conversation", "prompt"], cacheKey: "prompt_cache_key" })
