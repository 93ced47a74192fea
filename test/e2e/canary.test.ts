import { expect, test } from "bun:test"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { type ClientWire, chat, clients, provider } from "../dispatch/gateway.ts"
import { type Gateway, startGateway } from "../support/gateway.ts"
import { tempFolder } from "../support/temp.ts"
import { type Answer, fakeUpstream, type Recorded } from "../support/upstream.ts"

const canaries = {
  key: "sk-CANARY-key-0123456789",
  plain: "CANARYkeyWithoutAnyShape99",
  variable: "CANARYfromTheEnvironment77",
  header: "CANARYheaderValue12345678",
  proxy: "CANARYproxyPassword654321",
  admin: "CANARYadminTokenAbcdefgh0123456789",
  password: "CANARYadminPassword2468",
  encryption: "CANARYencryptionKey13579",
  own: "CANARYcallersOwnKey112233",
} as const

/** Quotes what it was sent, headers and all, as an error with the status that the model's name ends in. */
const quoting = (request: Recorded): Answer => {
  const status = Number(/(\d{3})$/.exec(String(request.json().model))?.[1] ?? 400)
  const said = JSON.stringify([...request.headers])
  return (writer) => {
    writer.head(status, { "content-type": "application/json", "x-quoted": said, "set-cookie": said, "x-request-id": "req_1" })
    writer.write(JSON.stringify({ type: "error", error: { type: "invalid_request_error", message: `not with ${said}` } }))
    return writer.end()
  }
}

const configOf = (url: string) => ({
  encryption_key: canaries.encryption,
  admin: { token: canaries.admin },
  auth_config: { admin_username: "root", admin_password: canaries.password },
  client: { allow_direct_keys: true, allow_per_request_raw_override: true, dump_errors_in_console_logs: true },
  providers: {
    shaped: provider(url, {
      keys: [
        { name: "one", value: canaries.key },
        { name: "two", value: "env.CANARY" },
      ],
      network: { extra_headers: { "x-partner-key": canaries.header } },
    }),
    plain: provider(url, { base: "anthropic", keys: [{ name: "three", value: canaries.plain }] }),
    dead: provider("http://dead.example", {
      more: { proxy_config: { type: "http", url: "http://127.0.0.1:1", username: "u", password: canaries.proxy } },
    }),
  },
})

async function ask(gateway: Gateway, client: ClientWire, model: string, headers: Record<string, string>, more: object) {
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers } }
  const response = await fetch(gateway.url + client.path, { ...init, body: JSON.stringify(client.body(model, more)) })
  return told(response)
}

const told = async (response: Response) => `${JSON.stringify([...response.headers])}\n${await response.text()}`

/** Every file below a folder but the copy of the configuration. */
async function filesIn(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile() && !/config\.json|last-good\.json/.test(entry.name),
  )
  const texts = await Promise.all(names.map((entry) => readFile(join(entry.parentPath, entry.name), "latin1")))
  return texts.join("\n")
}

test("no credential stands in an answer, the log, its files, the status, the metrics, the feed or the console", async () => {
  await using upstream = await fakeUpstream({ script: { on: quoting } })
  const folder = await tempFolder()
  await using gateway = await startGateway({ config: configOf(upstream.url), env: { CANARY: canaries.variable }, folder })
  const admin = { authorization: `Bearer ${canaries.admin}` }
  const seen: string[] = []
  const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/ws`, { headers: admin } as unknown as string[])
  socket.addEventListener("message", ({ data }) => seen.push(String(data)))

  const raw = { "x-bf-send-back-raw-request": "true", "x-bf-send-back-raw-response": "true" }
  const own = { "x-bf-direct-key": "true", authorization: `Bearer ${canaries.own}` }
  for (const client of clients)
    for (const model of ["shaped/m-400", "shaped/m-500", "shaped/m-429", "plain/m-403", "dead/m", "nobody/m"])
      for (const stream of [false, true])
        seen.push(await ask(gateway, client, model, client === chat ? raw : {}, stream ? { stream } : {}))
  const mine = [
    await ask(gateway, chat, "shaped/m-401", own, {}),
    await ask(gateway, chat, "plain/m-400", own, {}),
    await told(
      await fetch(`${gateway.url}/v1/chat/completions?key=${canaries.own}`, { method: "POST", headers: own, body: "{" }),
    ),
    await told(await fetch(`${gateway.url}/v1/nothing?key=${canaries.own}`, { headers: own })),
  ]
  expect(upstream.requests.map(({ headers }) => headers.get("authorization"))).toContain(`Bearer ${canaries.own}`)

  for (const path of ["/api/status", "/metrics", "/health", "/api/session/is-auth-enabled", "/v1/models", "/api/logs?limit=500"])
    seen.push(await told(await fetch(gateway.url + path, { headers: admin })))
  const { logs } = (await (await fetch(`${gateway.url}/api/logs?limit=500`, { headers: admin })).json()) as {
    logs: { id: string }[]
  }
  expect(logs.length).toBeGreaterThan(36)
  for (const { id } of logs) seen.push(await told(await fetch(`${gateway.url}/api/logs/${id}`, { headers: admin })))
  socket.close()
  await fetch(`${gateway.url}/api/config/reload`, { method: "POST", headers: admin })
  await gateway.stop()
  const files = await filesIn(folder.path)
  await folder.remove()
  expect(files).toContain("nobody")
  seen.push(gateway.output(), files)

  expect(seen.join("\n")).toContain("[redacted]")
  for (const [name, canary] of Object.entries(canaries)) {
    expect([name, seen.find((text) => text.includes(canary))]).toEqual([name, undefined])
    if (name !== "own") expect([name, mine.find((text) => text.includes(canary))]).toEqual([name, undefined])
  }
}, 60_000)
