import { type HeadReader, headReader } from "../../core/head.ts"
import { asBoolean, asObject } from "../../lib/json.ts"

/** The few top-level keys that a relay reads. */
export const head: HeadReader = headReader({
  pinned: [],
  cacheKey: "prompt_cache_key",
  usage: {
    key: "stream_options",
    asked: (value) => asBoolean(asObject(value)?.include_usage) === true,
    ask: (value) => ({ ...asObject(value), include_usage: true }),
  },
})
