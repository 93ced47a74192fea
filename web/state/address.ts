import { computed, signal } from "@preact/signals"

/** The page's root, with a closing slash: one folder above the script, whatever path prefix a proxy puts before it. */
export const root: string = new URL("../", import.meta.url).href

/** An address of the gateway, relative to its root. */
export const urlOf = (path: string): string => new URL(path, root).href

/** The gateway's address as SDKs want it, without a closing slash. */
export const gatewayUrl: string = root.replace(/\/$/, "")

const parameters = signal(new URLSearchParams(location.search))

addEventListener("popstate", () => {
  parameters.value = new URLSearchParams(location.search)
})

/** What the address holds, so that every view can be sent as a link. */
export const openCall = computed(() => parameters.value.get("call") ?? undefined)
export const filterText = computed(() => parameters.value.get("q") ?? "")
export const filterStatus = computed(() => (parameters.value.get("status") === "error" ? "error" : undefined))
export const filterProvider = computed(() => parameters.value.get("provider") ?? undefined)

export type Place = "call" | "q" | "status" | "provider"

/** The address with some of its parameters changed; undefined takes one away. Relative, so that it works behind a prefix. */
export function addressWith(changes: Partial<Record<Place, string | undefined>>): string {
  const next = new URLSearchParams(parameters.value)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === "") next.delete(name)
    else next.set(name, value)
  }
  const query = next.toString()
  return query === "" ? location.pathname : `${location.pathname}?${query}`
}

/** Goes there. Opening and closing a call are steps that the back button takes back; typing in a filter is not. */
export function go(changes: Partial<Record<Place, string | undefined>>, how: "push" | "replace" = "replace"): void {
  const address = addressWith(changes)
  if (how === "push") history.pushState(null, "", address)
  else history.replaceState(null, "", address)
  parameters.value = new URLSearchParams(location.search)
}

/** Shows a call's story. Stepping from one open call to the next leaves one entry in the history. */
export const showCall = (id: string): void => go({ call: id }, openCall.peek() === undefined ? "push" : "replace")
export const closeCall = (): void => go({ call: undefined }, "push")
