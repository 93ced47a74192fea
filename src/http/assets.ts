import type { WebAsset } from "./bundle.ts"
import { challenge } from "./session.ts"

export interface AssetOptions {
  /** The page's files; asked for at the first request, and again after a failure. */
  load(): Promise<readonly WebAsset[]>
  /** Whether a request may see the page; who may not is asked to sign in. */
  mayEnter(request: Request): boolean | Promise<boolean>
}

/** Answers a request for the page or one of its files; undefined when the path is neither. `path` is the URL's, after any prefix. */
export type AssetHandler = (request: Request, path: string) => Promise<Response | undefined>

interface Served {
  readonly asset: WebAsset
  /** Absent where compression gains nothing. */
  readonly gzipped?: Uint8Array
}

const compressible = /^(text\/|image\/svg|application\/(javascript|json))/

/** Serves the page at `/` and its hashed files below `/assets/`, each with headers that let nothing else run beside it. */
export function assetHandler({ load, mayEnter }: AssetOptions): AssetHandler {
  let files: ReadonlyMap<string, Served> | undefined
  const find = async (name: string) => {
    files ??= new Map((await load()).map((asset) => [asset.path, prepare(asset)]))
    return files.get(name)
  }
  return async (request, path) => {
    if (path !== "/" && !path.startsWith("/assets/")) return undefined
    if (request.method !== "GET" && request.method !== "HEAD") return undefined
    const shut = path === "/" && !(await mayEnter(request))
    const served = await find(path !== "/" ? path.slice(1) : shut ? "sign-in.html" : "index.html")
    if (served === undefined) return undefined
    return respond(request, served, shut ? 401 : 200)
  }
}

function prepare(asset: WebAsset): Served {
  if (!compressible.test(asset.contentType)) return { asset }
  const gzipped = Bun.gzipSync(new Uint8Array(asset.bytes), { level: 9 })
  return gzipped.length < asset.bytes.length ? { asset, gzipped } : { asset }
}

function respond(request: Request, { asset, gzipped }: Served, status: 200 | 401): Response {
  const zipped = gzipped !== undefined && acceptsGzip(request.headers.get("accept-encoding"))
  const body = zipped ? gzipped : asset.bytes
  const headers = new Headers({
    "content-type": asset.contentType,
    "content-length": String(body.length),
    "cache-control": asset.hashed ? "public, max-age=31536000, immutable" : "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": contentSecurityPolicy(request.headers.get("host")),
  })
  if (status === 401) headers.set("www-authenticate", challenge)
  if (gzipped !== undefined) headers.set("vary", "accept-encoding")
  if (zipped) headers.set("content-encoding", "gzip")
  return new Response(request.method === "HEAD" ? null : (body as BodyInit), { status, headers })
}

const acceptsGzip = (header: string | null): boolean =>
  header?.split(",").some((part) => /^\s*gzip\s*(;\s*q=(0?\.\d*[1-9]|1(\.0*)?))?\s*$/i.test(part)) ?? false

const plainHost = /^[\w.-]+(:\d{1,5})?$|^\[[\da-f:.]+\](:\d{1,5})?$/i

/** Own files only. The live feed's address is named as well, since not every browser counts it as `'self'` (CSP level 3, section 6.7.2.8). */
function contentSecurityPolicy(host: string | null): string {
  const feed = host !== null && plainHost.test(host) ? ` ws://${host} wss://${host}` : ""
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self'${feed}`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'none'",
  ].join("; ")
}
