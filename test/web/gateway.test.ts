import { expect, test } from "bun:test"
import { startGateway } from "../support/gateway.ts"
import { inBrowser, openPage } from "./browser.ts"

inBrowser("the page of a real gateway", (browser) => {
  test("tries a model in each format and tells the story of each call", async () => {
    await using gateway = await startGateway()
    await using opened = await openPage(browser(), `${gateway.url}/`)
    const { page } = opened
    await page.getByText("live", { exact: true }).waitFor()
    await page.getByText("No calls yet").waitFor()
    await page.waitForFunction(() => (document.querySelector("#try input") as HTMLInputElement).value === "mock/echo")
    const formats = ["Chat completions", "Messages", "Responses"]
    for (const [index, format] of formats.entries()) {
      await page.getByText(format, { exact: true }).click()
      await page.locator("#try textarea").fill(`Say <b>this</b> in ${format}`)
      await page.getByRole("button", { name: "Send" }).click()
      await page.locator(".answer").getByText("complete").waitFor()
      expect(await page.locator(".answer-text").textContent()).toBe(`Say <b>this</b> in ${format}`)
      await page.waitForFunction((count) => document.querySelectorAll(".row[data-call]").length === count, index + 1)
      await page.getByText("Story of this call").click()
      await page.waitForSelector(".turn-assistant")
      expect(await page.locator(".turn .said").allTextContents()).toEqual([
        `Say <b>this</b> in ${format}`,
        `Say <b>this</b> in ${format}`,
      ])
      expect(await page.locator(".spans-bar").count()).toBe(1)
      await page.keyboard.press("r")
      expect(await page.locator(".raw-text").textContent()).toContain('"model":"mock/echo"')
      await page.keyboard.press("r")
      await page.keyboard.press("Escape")
      await page.waitForSelector(".story", { state: "detached" })
    }
    expect(opened.complaints.filter((complaint) => !complaint.includes("404"))).toEqual([])
    expect(opened.foreign).toEqual([])
  })

  test("shows a call that failed and why", async () => {
    await using gateway = await startGateway()
    await using opened = await openPage(browser(), `${gateway.url}/`)
    const { page } = opened
    await page.getByText("live", { exact: true }).waitFor()
    await page.locator("#try input[type=text]").fill("mock/error-500")
    await page.getByRole("button", { name: "Send" }).click()
    await page.locator(".answer").getByText("Failed with 500").waitFor()
    await page.getByText("Story of this call").click()
    await page.getByText("server-error: the provider is at fault").waitFor()
    expect(await page.locator(".spans-bar").count()).toBe(2)
    await page.keyboard.press("Escape")
    await page.goto(`${gateway.url}/?status=error`)
    await page.locator(".row[data-call]").waitFor()
  })
})
