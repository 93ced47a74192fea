import { testStore } from "../suite.ts"
import { temporaryLog } from "./folder.ts"

testStore("sqlite", async () => {
  const folder = temporaryLog()
  return { store: folder.open(), close: () => folder.close() }
})
