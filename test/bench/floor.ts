import { argument } from "./arguments.ts"

/**
 * The cheapest proxies that one can write on Bun, to measure the gateway against:
 * `parse` reads the request as text, parses and re-serialises it, and reads the answer as text;
 * `hand` takes the request's bytes and hands the body of the answer through.
 */
const mode = argument("mode") ?? "parse"
const upstream = argument("upstream") ?? ""
const tls = process.env.BENCH_CA === undefined ? {} : { tls: { ca: process.env.BENCH_CA } }

const server = Bun.serve({
  port: Number(argument("port") ?? 0),
  hostname: argument("host") ?? "127.0.0.1",
  maxRequestBodySize: 1 << 28,
  fetch(request) {
    server.timeout(request, 0)
    const path = request.url.slice(request.url.indexOf("/", 8))
    if (path === "/health") return new Response("ok")
    return mode === "hand" ? hand(request, path) : parse(request, path)
  },
})

const headersOf = (request: Request) => ({
  "content-type": "application/json",
  authorization: request.headers.get("authorization") ?? "",
})

async function parse(request: Request, path: string): Promise<Response> {
  const body: unknown = JSON.parse(await request.text())
  const response = await fetch(upstream + path, {
    method: "POST",
    headers: headersOf(request),
    body: JSON.stringify(body),
    ...tls,
  })
  return new Response(await response.text(), { status: response.status, headers: { "content-type": "application/json" } })
}

async function hand(request: Request, path: string): Promise<Response> {
  const body = await request.bytes()
  const response = await fetch(upstream + path, { method: "POST", headers: headersOf(request), body, ...tls })
  return new Response(response.body, {
    status: response.status,
    headers: { "content-type": response.headers.get("content-type") ?? "application/json" },
  })
}

console.error(`listening on http://127.0.0.1:${server.port}`)
