import { sqliteLogStore } from "../../../src/store/sqlite/log-store.ts"
import { sampleEntry, samplePayload } from "../sample.ts"

/** Run as a process of its own: writes calls until it is killed, and says after each step how many are surely on disk. */
const store = sqliteLogStore({ directory: process.argv[2] ?? "", flushMs: 10, retentionDays: 36_500 })
for (let count = 0; ; count++) {
  store.write(sampleEntry({ id: `call-${count}` }, [samplePayload("client-request", `payload ${count}`)]))
  if (count % 20 !== 19) continue
  await Bun.sleep(1)
  console.log(store.health().written)
}
