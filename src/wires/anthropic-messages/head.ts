import { headReader } from "../../core/head.ts"

/** Usage always comes in a stream of this format; containers and threads live with the vendor. */
export const head = headReader({ pinned: ["container", "thread"] })
