import { signal } from "@preact/signals"

/** The time, to the second: for what is told as “how long ago”. */
export const now = signal(Date.now())

setInterval(() => {
  if (!document.hidden) now.value = Date.now()
}, 1_000)
