import { describe, expect, test } from "bun:test"
import { join } from "node:path"
import { assetHandler } from "../../src/http/assets.ts"
import { loadBundle, type WebAsset } from "../../src/http/bundle.ts"
import { embeddedBundleSource } from "../../src/http/bundle-embed.ts"
import { tempFolder } from "../support/temp.ts"

const handle = assetHandler({ load: loadBundle, mayEnter: ({ headers }) => headers.get("cookie") !== "shut" })
const ask = (path: string, init: RequestInit = {}) =>
  handle(new Request(`http://gateway.test${path}`, { ...init, headers: { host: "gateway.test:8080", ...init.headers } }), path)

const hashedPaths = async () => (await loadBundle()).filter(({ hashed }) => hashed).map(({ path }) => path)

describe("the page's files", () => {
  test("are two pages that name their hashed files relatively, so that they work behind a prefix", async () => {
    const pages = (await loadBundle()).filter(({ hashed }) => !hashed)
    expect(pages.map(({ path }) => path).sort()).toEqual(["index.html", "sign-in.html"])
    const all = new Set<string>()
    for (const { bytes } of pages) {
      const html = new TextDecoder().decode(bytes)
      const named = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url = ""]) => url)
      expect(named.length).toBeGreaterThanOrEqual(3)
      for (const url of named) {
        expect(url).toMatch(/^\.\/assets\/[\w-]+-\w{8}\.(js|css|svg)$/)
        all.add(url.slice(2))
      }
      expect(html).not.toMatch(/<style|<script(?![^>]*\bsrc=)|\son\w+=|style=/)
    }
    expect([...all].sort()).toEqual([...(await hashedPaths())].sort())
  })

  test("have at most 150 KB of JavaScript, gzipped", async () => {
    const scripts = (await loadBundle()).filter(({ path }) => path.endsWith(".js"))
    const sizes = scripts.map(({ bytes }) => Bun.gzipSync(new Uint8Array(bytes)).length)
    expect(sizes.length).toBeGreaterThan(0)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000)
  })

  test("mention no other host", async () => {
    const namespaces = /https?:\/\/www\.w3\.org\/[\w/]+/g
    for (const { path, bytes } of await loadBundle()) {
      const text = new TextDecoder().decode(bytes).replace(namespaces, "")
      expect(`${path}: ${text.match(/(?:https?:)?\/\/[\w-]+\.[\w.-]+/g) ?? "none"}`).toBe(`${path}: none`)
    }
  })

  test("are the same when they come out of the binary", async () => {
    await using folder = await tempFolder()
    const assets = await loadBundle()
    const file = join(folder.path, "bundle.ts")
    await Bun.write(file, embeddedBundleSource(assets))
    const embedded = (await import(file)) as { loadBundle(): Promise<readonly WebAsset[]> }
    expect(await embedded.loadBundle()).toEqual(assets)
  })
})

describe("serving them", () => {
  test("the page lets nothing run but its own files and is not cached", async () => {
    const response = await ask("/")
    expect(response?.headers.get("content-type")).toContain("text/html")
    expect(response?.headers.get("cache-control")).toBe("no-store")
    expect(response?.headers.get("x-content-type-options")).toBe("nosniff")
    expect(response?.headers.get("referrer-policy")).toBe("no-referrer")
    expect(response?.headers.get("cross-origin-opener-policy")).toBe("same-origin")
    expect(response?.headers.get("content-security-policy")?.split("; ")).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self' ws://gateway.test:8080 wss://gateway.test:8080",
      "img-src 'self' data:",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "form-action 'none'",
    ])
  })

  test("who may not see the page is asked to sign in, in a way no browser answers by itself", async () => {
    const response = await ask("/", { headers: { cookie: "shut" } })
    expect(response?.status).toBe(401)
    expect(response?.headers.get("www-authenticate")).toBe('Bearer realm="Gantry"')
    expect(response?.headers.get("content-security-policy")).toContain("script-src 'self'")
    expect(await response?.text()).toContain("<title>Sign in · Gantry</title>")
  })

  test.each(["x; script-src *", "a b", "", "evil.test/x", "'unsafe-inline'"])(
    "a Host of %p gets into no policy",
    async (host) => {
      const response = await handle(new Request("http://gateway.test/", { headers: { host } }), "/")
      expect(response?.headers.get("content-security-policy")).toContain("connect-src 'self'; img-src")
    },
  )

  test("hashed files are kept for good", async () => {
    for (const path of await hashedPaths()) {
      const response = await ask(`/${path}`)
      expect(response?.status).toBe(200)
      expect(response?.headers.get("cache-control")).toBe("public, max-age=31536000, immutable")
      expect(response?.headers.get("x-content-type-options")).toBe("nosniff")
    }
  })

  test.each([
    ["gzip, br", true],
    ["br;q=1, GZIP;q=0.5", true],
    ["gzip;q=0", false],
    ["br", false],
    [undefined, false],
  ])("accept-encoding %p is answered compressed: %p", async (accepted, compressed) => {
    const response = await ask("/", accepted === undefined ? {} : { headers: { "accept-encoding": accepted } })
    expect(response?.headers.get("content-encoding") === "gzip").toBe(compressed)
    expect(response?.headers.get("vary")).toBe("accept-encoding")
    const bytes = new Uint8Array((await response?.arrayBuffer()) ?? new ArrayBuffer())
    const page = (await loadBundle()).find(({ path }) => path === "index.html")
    expect(compressed ? Bun.gunzipSync(bytes) : bytes).toEqual(new Uint8Array(page?.bytes ?? []))
  })

  test.each([
    "/assets/nothing.js",
    "/assets/../index.html",
    "/assets/",
    "/index.html",
    "/v1/models",
    "/assets/%2e%2e/index.html",
  ])("%s is not one of them", async (path) => {
    expect(await ask(path)).toBeUndefined()
  })

  test("HEAD has no body and POST is for others", async () => {
    expect(await (await ask("/", { method: "HEAD" }))?.text()).toBe("")
    expect(await ask("/", { method: "POST" })).toBeUndefined()
  })

  test("a build that failed is tried again", async () => {
    let tries = 0
    const flaky = assetHandler({
      load: () => (tries++ === 0 ? Promise.reject(new Error("no room")) : loadBundle()),
      mayEnter: () => true,
    })
    const request = new Request("http://gateway.test/")
    await expect(flaky(request, "/")).rejects.toThrow("no room")
    expect((await flaky(request, "/"))?.status).toBe(200)
  })
})
