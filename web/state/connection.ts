import { computed, effect } from "@preact/signals"
import { callFeed } from "./calls.ts"
import { shutOut } from "./http.ts"
import { status } from "./status.ts"

export type Connection =
  | { readonly state: "live" | "connecting" | "feed-lost" | "signed-out" }
  | { readonly state: "lost"; readonly reason: string }

/** Whether this page still hears from the gateway: one account of it, for the one place that says so. */
export const connection = computed<Connection>(() => {
  if (shutOut.value) return { state: "signed-out" }
  const known = status.current.value
  if (known.state === "failed") return { state: "lost", reason: known.message }
  if (known.state === "ready" && known.stale !== undefined) return { state: "lost", reason: known.stale }
  const feed = callFeed.state.value
  return { state: feed === "lost" ? "feed-lost" : feed }
})

effect(() => {
  if (callFeed.state.value !== "connecting") void status.refresh()
})
