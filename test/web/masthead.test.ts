import { expect, test } from "bun:test"
import { inBrowser, openPage } from "./browser.ts"
import { call, failed, manyCalls } from "./stand-in/calls.ts"
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

  test("counts a call within two seconds of its end, not with the next look that is due", async () => {
    await using server = standIn()
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.clock.install()
    await page.clock.pauseAt(Date.now() + 60_000)
    const looks = () => server.asked.filter((path) => path.startsWith("/api/status")).length
    const feed = page.waitForEvent("websocket")
    await page.reload()
    const socket = await feed
    await page.waitForFunction(() => document.readyState === "complete")
    await page.clock.runFor(100)
    await page.waitForLoadState("networkidle")
    const before = looks()
    const told = socket.waitForEvent("framereceived")
    server.publish(call())
    await told
    for (let turn = 0; looks() === before && turn < 19; turn++) await page.clock.runFor(100)
    expect(looks()).toBe(before + 1)
  })

  test("leads from its figures to what is behind them", async () => {
    await using server = standIn({ calls: [failed, ...manyCalls(30)] })
    await using opened = await openPage(browser(), server.url, { viewport: { width: 1_280, height: 600 } })
    const { page } = opened
    await page.getByRole("link", { name: "411" }).click()
    await page.waitForFunction(() => location.search === "?status=error")
    await page.waitForFunction(() => document.querySelector(".row[data-call]")?.getAttribute("data-call") === "req_failed")
    await page.getByRole("link", { name: "2 of 4 ready" }).click()
    await page.waitForFunction(() => (document.querySelector("#providers")?.getBoundingClientRect().top ?? 600) < 500)
  })

  for (const width of [390, 768, 1_024, 1_440]) {
    test(`takes its room before it knows its figures, at ${width} px`, async () => {
      const asked = Promise.withResolvers<void>()
      await using server = standIn({ calls: manyCalls(3) })
      await using opened = await openPage(browser(), "about:blank", { viewport: { width, height: 800 } })
      const { page } = opened
      await page.route("**/api/status", async (route) => {
        await asked.promise
        await route.continue()
      })
      await page.goto(server.url)
      const top = () => page.locator("main").evaluate((main) => main.getBoundingClientRect().top)
      await page.locator(".figures.is-pending").waitFor({ state: "attached" })
      const before = await top()
      asked.resolve()
      await page.getByText("184,213").or(page.getByText("184.2K")).waitFor()
      expect(await top()).toBe(before)
    })
  }
})
