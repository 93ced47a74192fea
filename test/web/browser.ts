import { afterAll, beforeAll, describe, setDefaultTimeout } from "bun:test"
import { existsSync } from "node:fs"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { skipWithReason } from "../support/skip.ts"

/** Where Debian's package puts it; `CHROMIUM` names another. */
const chromiumPath: string = process.env.CHROMIUM ?? "/usr/bin/chromium"

const quietly = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A name that is no loopback address, so that what a browser grants to those alone is not there.
  "--host-resolver-rules=MAP gateway.test 127.0.0.1",
]

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: chromiumPath, args: quietly, timeout: 30_000 })

/** Tests that need a real browser; skipped as one, with the reason, where there is none. */
export function inBrowser(name: string, define: (browser: () => Browser) => void): void {
  if (!existsSync(chromiumPath)) {
    skipWithReason("the page in a browser", `there is no browser at ${chromiumPath} (CHROMIUM names another)`)
    return
  }
  setDefaultTimeout(60_000)
  describe(name, () => {
    let browser: Browser | undefined
    beforeAll(async () => {
      browser = await launch()
    })
    afterAll(() => browser?.close())
    define(() => {
      if (browser === undefined) throw new Error("the browser did not start")
      return browser
    })
  })
}

/** A page, and everything that went wrong in it or left it. */
export interface Watched extends AsyncDisposable {
  readonly page: Page
  /** Script errors, console errors and refused resources. */
  readonly complaints: readonly string[]
  /** Addresses of requests to anywhere but the page's own origin. */
  readonly foreign: readonly string[]
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ reducedMotion: "reduce", viewport: { width: 1_280, height: 800 }, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const complaints: string[] = []
  const foreign: string[] = []
  const origin = new URL(url).origin
  page.on("pageerror", (error) => complaints.push(String(error)))
  page.on("console", (message) => {
    if (message.type() === "error" || /content security policy/i.test(message.text())) complaints.push(message.text())
  })
  page.on("request", (request) => {
    const address = request.url()
    if (!address.startsWith(origin) && !address.startsWith("data:")) foreign.push(address)
  })
  await page.goto(url)
  return { page, complaints, foreign, [Symbol.asyncDispose]: () => context.close() }
}
