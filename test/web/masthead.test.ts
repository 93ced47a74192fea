import { expect, test } from "bun:test"
import { inBrowser, openPage } from "./browser.ts"
import { status } from "./stand-in/status.ts"
import { standIn } from "./stand-in.ts"

inBrowser("the head of the page", (browser) => {
  test("is one line at 1280 px, busy figures and the way out included", async () => {
    const startedAt = Date.now() - 47 * 60_000 - 38_000
    const totals = { ...status().totals, calls: 12_345, errors: 1_234 }
    await using server = standIn({ status: () => status({ startedAt, totals }) })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.route("**/api/session/is-auth-enabled", (route) => route.fulfill({ json: { is_auth_enabled: true } }))
    await page.reload()
    await page.getByRole("button", { name: "Sign out" }).waitFor()
    await page.getByText("12,345").waitFor()
    const tops = await page.evaluate(() =>
      [".brand", ".figures", ".masthead-end"].map((part) => {
        const { top, height } = document.querySelector(part)?.getBoundingClientRect() ?? new DOMRect()
        return Math.round(top + height / 2)
      }),
    )
    expect(Math.max(...tops) - Math.min(...tops)).toBeLessThan(4)
  })
})
