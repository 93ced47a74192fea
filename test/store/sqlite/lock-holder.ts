import { Database } from "bun:sqlite"

/** Run as a process of its own: takes a database for itself alone until its input ends. */
const client = new Database(process.argv[2] ?? "")
client.run("PRAGMA locking_mode = EXCLUSIVE")
client.run("BEGIN EXCLUSIVE")
console.log("locked")
await new Response(Bun.stdin.stream()).text()
client.run("COMMIT")
client.close()
