import type { LogStore } from "../core/record.ts"

/** Keeps nothing. */
export const offLogStore = (): LogStore => ({
  write() {},
  list: async () => ({ records: [], complete: true }),
  get: async () => undefined,
  health: () => ({ state: "off", queued: 0, dropped: 0, written: 0 }),
  async stop() {},
})
