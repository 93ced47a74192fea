import { computed } from "@preact/signals"
import { getJson } from "./http.ts"
import { polled } from "./resource.ts"
import { status } from "./status.ts"

interface ModelList {
  readonly data?: readonly { readonly id: string }[]
}

const everyMs = 60_000

/** Every model that callers may name, as they would name it. */
export const models = polled(async () => ((await getJson<ModelList>("v1/models")).data ?? []).map(({ id }) => id), everyMs)

/** Stands where no other model is known. */
export const fallbackModel = "mock/echo"

/** One that exists, for boxes and snippets to begin with: the first that is not a stand-in, else the stand-in. */
export const firstModel = computed(() => {
  const listed = models.current.value
  const ids = listed.state === "ready" ? listed.value : []
  return ids.find((id) => !id.startsWith("mock/")) ?? ids[0] ?? fallbackModel
})

/** Listed names, and what the providers told of themselves where the list is not there. */
export const modelNames = computed<readonly string[]>(() => {
  const listed = models.current.value
  if (listed.state === "ready" && listed.value.length > 0) return listed.value
  const now = status.current.value
  if (now.state !== "ready") return [fallbackModel]
  return now.value.providers.flatMap(({ id, models: names }) => names.map((name) => `${id}/${name}`))
})
