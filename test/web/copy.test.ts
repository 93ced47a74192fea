import { expect, test } from "bun:test"
import { inBrowser, openPage } from "./browser.ts"
import { eventful } from "./stand-in/calls.ts"
import { standIn } from "./stand-in.ts"

inBrowser("copying", (browser) => {
  for (const host of ["127.0.0.1", "gateway.test"]) {
    test(`works by keyboard at ${host}, and says so`, async () => {
      await using server = standIn()
      await using opened = await openPage(browser(), server.url.replace("127.0.0.1", host))
      const { page } = opened
      expect(await page.evaluate(() => isSecureContext)).toBe(host === "127.0.0.1")
      const button = page.getByRole("button", { name: "Copy snippet" })
      const place = page.locator("#connect .connect-bar button")
      await button.press("Enter")
      await place.getByText("Copied").waitFor()
      expect(await place.evaluate((element) => element === document.activeElement)).toBe(true)
      const field = page.locator("#try textarea")
      await field.focus()
      await page.keyboard.press("Control+a")
      await page.keyboard.press("Control+v")
      expect(await field.inputValue()).toBe((await page.locator("#connect pre").textContent()) ?? "")
      await button.waitFor()
    })
  }

  test("is offered under a name for each thing", async () => {
    await using server = standIn({ calls: [eventful] })
    await using opened = await openPage(browser(), `${server.url}?call=req_eventful`, { viewport: { width: 1_900, height: 900 } })
    const { page } = opened
    await page.waitForSelector(".turns")
    await page.keyboard.press("r")
    for (const name of ["Copy address", "Copy snippet", "Copy id", "Copy payload"])
      expect(await page.getByRole("button", { name, exact: true }).count()).toBe(1)
  })
})
