import { computed } from "@preact/signals"
import type { StatusView } from "../../src/http/api/types.ts"
import { getJson } from "./http.ts"
import { polled } from "./resource.ts"

const everyMs = 4_000

/** The gateway's own account of itself. */
export const status = polled(() => getJson<StatusView>("api/status"), everyMs)

/** Ids of the configured providers, in the configuration's order. */
export const providerIds = computed<readonly string[]>(() => {
  const now = status.current.value
  return now.state === "ready" ? now.value.providers.map(({ id }) => id) : []
})

/** What calls to models have to bring. */
export const callsNeed = computed<StatusView["callsNeed"]>(() => {
  const now = status.current.value
  return now.state === "ready" ? now.value.callsNeed : undefined
})
