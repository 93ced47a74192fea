import { expect, test } from "bun:test"
import type { Page } from "playwright-core"
import { inBrowser, openPage } from "./browser.ts"
import { call, manyCalls } from "./stand-in/calls.ts"
import { standIn } from "./stand-in.ts"

const shown = (page: Page) =>
  page.locator(".row[data-call]").evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.call ?? ""))

const several = (name: string, count: number) => Array.from({ length: count }, (_, index) => call({ id: `req_${name}_${index}` }))

inBrowser("no call is missed and none is shown twice", (browser) => {
  test("where it ended after the list was read and before the feed was there", async () => {
    const feed = Promise.withResolvers<void>()
    await using server = standIn({ calls: manyCalls(3), beforeFeed: () => feed.promise })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.waitForSelector('.row[data-call="req_3"]')
    server.keep(call({ id: "req_between" }))
    feed.resolve()
    await page.waitForSelector('.row[data-call="req_between"]')
    expect(await shown(page)).toEqual(["req_between", "req_3", "req_2", "req_1"])
  })

  test("where it ended while the gateway was away, and a list that is read holds still", async () => {
    await using server = standIn({ calls: manyCalls(5) })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.getByText("live", { exact: true }).waitFor()
    await page.locator(".row[data-call]").nth(2).hover()
    await page.getByText("paused").waitFor()
    server.publish(call({ id: "req_held" }))
    await page.getByRole("button", { name: "1 new" }).waitFor()
    server.cut()
    await page.getByText("lost").first().waitFor()
    server.keep(...several("away", 3))
    server.mend()
    await page.getByRole("button", { name: "4 new" }).waitFor({ timeout: 30_000 })
    expect((await shown(page))[0]).toBe("req_5")
    await page.mouse.move(5, 5)
    await page.waitForSelector('.row[data-call="req_away_2"]')
    expect(await shown(page)).toEqual([
      ...["req_away_2", "req_away_1", "req_away_0", "req_held"],
      ...["req_5", "req_4", "req_3", "req_2", "req_1"],
    ])
  })

  test("where more ended than one page of the list holds: it begins anew", async () => {
    await using server = standIn({ calls: manyCalls(5) })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.getByText("live", { exact: true }).waitFor()
    await page.waitForSelector(".row[data-call]")
    server.cut()
    await page.getByText("lost").first().waitFor()
    server.keep(...several("away", 120))
    server.mend()
    await page.waitForSelector('li[aria-setsize="100"] .row[data-call="req_away_119"]', { timeout: 30_000 })
    await page.locator(".window").evaluate((list) => list.scrollTo(0, list.scrollHeight))
    await page.waitForSelector('li[aria-setsize="125"]')
  })

  test("where they came faster than could be shown: the list can be loaded anew", async () => {
    await using server = standIn({ calls: manyCalls(5) })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.getByText("live", { exact: true }).waitFor()
    await page.keyboard.press("p")
    await page.getByText("paused").waitFor()
    server.publish(...several("flood", 700))
    await page.getByRole("button", { name: "700 new" }).click()
    await page.getByRole("button", { name: "200 not shown" }).click()
    await page.waitForSelector('li[aria-setsize="100"] .row[data-call="req_flood_699"]')
    expect(await page.getByText("not shown").count()).toBe(0)
  })

  test("what it says of the gateway, and of the open call, is of its time until it is back", async () => {
    await using server = standIn({ calls: manyCalls(5) })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.getByText("live", { exact: true }).waitFor()
    await page.getByText("serving").waitFor()
    server.cut()
    await page.getByText("connection lost").waitFor()
    await page.getByText(/^Last heard of at .*: serving, 184,213 calls since start, 411 errors$/).waitFor()
    await page.goto(`${server.url}?call=req_3`)
    await page.getByText("The call comes when the gateway answers").waitFor()
    expect(await page.getByRole("alert").count()).toBe(0)
    server.mend()
    await page.locator(".turns").waitFor({ timeout: 30_000 })
    expect(await page.getByText("Last heard of").count()).toBe(0)
  })
})
