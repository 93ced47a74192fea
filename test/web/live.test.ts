import { expect, test } from "bun:test"
import type { Page } from "playwright-core"
import { inBrowser, openPage } from "./browser.ts"
import { call, eventful, failed, manyCalls } from "./stand-in/calls.ts"
import { status } from "./stand-in/status.ts"
import { type StandIn, standIn } from "./stand-in.ts"

const firstCall = (page: Page) => page.locator(".row[data-call]").first().getAttribute("data-call")

const ready = async (page: Page): Promise<void> => {
  await page.getByText("live", { exact: true }).waitFor()
  await page.waitForSelector(".row[data-call]")
}

/** Tells of `perSecond` calls a second until the answer is called; it returns how many they were. */
function flood(server: StandIn, perSecond: number): () => number {
  let told = 0
  const timer = setInterval(() => {
    const batch = Array.from({ length: perSecond / 50 }, () => call({ id: `req_flood_${++told}`, at: Date.now() }))
    server.publish(...batch)
  }, 20)
  return () => {
    clearInterval(timer)
    return told
  }
}

inBrowser("the live list", (browser) => {
  test("shows a call as it comes, holds still while it is read, and says how many wait", async () => {
    await using server = standIn({ calls: manyCalls(30) })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await ready(page)
    server.publish(call({ id: "req_new_1", at: Date.now() }))
    await page.waitForSelector('.row[data-call="req_new_1"]')

    await page.locator(".row[data-call]").nth(3).hover()
    await page.getByText("paused").waitFor()
    server.publish(call({ id: "req_new_2" }), call({ id: "req_new_3" }))
    await page.getByRole("button", { name: "2 new" }).waitFor()
    expect(await firstCall(page)).toBe("req_new_1")

    await page.mouse.move(5, 5)
    await page.waitForSelector('.row[data-call="req_new_3"]')
    expect(await firstCall(page)).toBe("req_new_3")

    await page.keyboard.press("p")
    server.publish(call({ id: "req_new_4" }))
    await page.getByRole("button", { name: "1 new" }).waitFor()
    await page.keyboard.press("n")
    await page.waitForSelector('.row[data-call="req_new_4"]')
  })

  test("says of a call that its payloads are lost", async () => {
    const [record] = manyCalls(1)
    await using server = standIn({ calls: manyCalls(1) })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await ready(page)
    await page.route("**/api/logs/*", (route) => route.fulfill({ json: { record, payloads: [], payloads_lost: true } }))
    await page.locator(".row[data-call]").first().click()
    await page.getByText("or its file is damaged").waitFor()
    expect(await page.getByText("No payload was kept").count()).toBe(0)
  })

  test("says at its end which days cannot be read", async () => {
    await using server = standIn({ calls: manyCalls(3), unreadable: ["2026-11-21"] })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await ready(page)
    await page.getByText("of 2026-11-21 calls are missing").waitFor()
    await page.getByRole("searchbox").fill("what nobody said")
    await page.getByText("No call found; those of 2026-11-21 cannot be read").waitFor()
  })

  test("lets frames go under 1,000 calls a second, never the page", async () => {
    await using server = standIn({ calls: manyCalls(100) })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await ready(page)
    const stop = flood(server, 1_000)
    await page.waitForSelector('.row[data-call^="req_flood_"]')
    await page.locator(".search input").focus()
    const slowest = await page.evaluate(async () => {
      const field = document.querySelector<HTMLInputElement>("#try textarea")
      let worst = 0
      for (let press = 0; press < 20; press++) {
        const from = performance.now()
        field?.dispatchEvent(new Event("input", { bubbles: true }))
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
        worst = Math.max(worst, performance.now() - from)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      return worst
    })
    expect(await page.locator(".row[data-call]").count()).toBeLessThan(60)
    await page.locator(".row[data-call]").nth(2).hover()
    await page.waitForFunction(() => /[\d,]{3,} new/.test(document.querySelector("#calls .panel-aside")?.textContent ?? ""))
    await page.locator(".row[data-call]").nth(2).click()
    await page.waitForSelector(".turns")
    const told = stop()
    const held = Number(await page.locator("#calls ol.window-rows > li").first().getAttribute("aria-setsize"))
    console.log(`${told} calls told, ${held} held, slowest frame after input ${Math.round(slowest)} ms`)
    expect(held).toBeLessThanOrEqual(2_000)
    expect(opened.complaints).toEqual([])
  })

  test("keeps its filters and the open call over a reload", async () => {
    await using server = standIn({ calls: [eventful, failed, ...manyCalls(20)] })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await ready(page)
    await page.locator(".search input").fill("llama")
    await page.getByText("Errors", { exact: true }).last().click()
    await page.locator("#calls select").selectOption("groq")
    await page.waitForFunction(() => document.querySelectorAll(".row[data-call]").length === 1)
    await page.locator(".row[data-call]").click()
    await page.waitForSelector(".turns")
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
      q: "llama",
      status: "error",
      provider: "groq",
      call: "req_failed",
    })
    await page.reload()
    await page.waitForSelector(".turns")
    await page.waitForFunction(() => document.querySelectorAll(".row[data-call]").length === 1)
    expect(await page.locator(".search input").inputValue()).toBe("llama")
    expect(server.asked.some((path) => path.includes("status=error") && path.includes("providers=groq"))).toBe(true)

    server.publish(call({ id: "req_fine", provider: "groq" }), { ...failed, id: "req_failed_2", model: "llama-4" })
    await page.keyboard.press("n")
    await page.waitForSelector('.row[data-call="req_failed_2"]')
    expect(await page.locator('.row[data-call="req_fine"]').count()).toBe(0)
  })

  test("says once that the connection is lost, keeps what it knows, and mends itself", async () => {
    await using server = standIn({ calls: manyCalls(10) })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await ready(page)
    server.cut()
    await page.getByText("connection lost").waitFor()
    expect(await page.getByText(/lost/).count()).toBe(1)
    expect(await page.locator(".row[data-call]").count()).toBe(10)
    server.mend()
    server.publish(call({ id: "req_meanwhile" }))
    await page.waitForSelector('.row[data-call="req_meanwhile"]', { timeout: 30_000 })
    await page.getByText("live", { exact: true }).waitFor()
  })

  test("searches the whole log, page by page, and shows what comes meanwhile", async () => {
    const old = call({ id: "01a20462-adaf-72e0-9927-4579b0177f1c", sessionId: "thread-9" })
    const rare = Array.from({ length: 120 }, (_, index) => call({ id: `req_rare_${index}`, keyName: "team-q" }))
    await using server = standIn({ calls: [...manyCalls(150), ...rare, old] })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await ready(page)
    await page.locator(".search input").fill("THREAD-9")
    await page.waitForSelector(`.row[data-call="${old.id}"]`)
    expect(await page.locator(".row[data-call]").count()).toBe(1)
    await page.locator(".search input").fill(old.id)
    await page.waitForSelector(`.row[data-call="${old.id}"]`)
    await page.locator(".search input").fill("team-q")
    await page.waitForSelector('li[aria-setsize="100"]')
    await page.locator(".search input").blur()
    await page.locator(".window").evaluate((list) => list.scrollTo(0, list.scrollHeight))
    await page.waitForSelector('li[aria-setsize="120"]')
    expect(server.asked.some((path) => path.includes("search=team-q") && path.includes("cursor=100"))).toBe(true)
    server.publish(call({ id: "req_other" }), call({ id: "req_rare_new", keyName: "team-q" }))
    await page.keyboard.press("n")
    await page.waitForSelector('.row[data-call="req_rare_new"]')
    expect(await page.locator('.row[data-call="req_other"]').count()).toBe(0)
    await page.locator(".search input").fill("nowhere-to-be-found")
    await page.getByText("No call matches the filters").waitFor()
  })

  test("does not ask the log at each key", async () => {
    await using server = standIn({ calls: manyCalls(30) })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await ready(page)
    const last = page.waitForResponse((response) => response.url().includes("search=gpt-5.2+mini"))
    await page.locator(".search input").pressSequentially("gpt-5.2 mini", { delay: 5 })
    await last
    const searches = server.asked.filter((path) => path.includes("search="))
    expect(searches.length).toBeLessThan("gpt-5.2 mini".length / 2)
  })

  test("says that there is nothing, and what to do next", async () => {
    await using server = standIn({ calls: [], status: () => status({ providers: [] }), models: [] })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.getByText("No calls yet").waitFor()
    await page.getByText("No provider yet").waitFor()
    expect(await page.locator("#try input[type=text]").inputValue()).toBe("mock/echo")
    server.publish(call({ id: "req_first" }))
    await page.waitForSelector('.row[data-call="req_first"]')
  })

  test("says that the log was too slow, and asks again by itself", async () => {
    await using server = standIn({ calls: manyCalls(3), slowLists: 2 })
    await using opened = await openPage(browser(), server.url)
    await opened.page.getByText("Nothing found yet").waitFor()
    await opened.page.waitForSelector(".row[data-call]")
    expect(await opened.page.getByText("Nothing found yet").count()).toBe(0)
  })

  test("shows an error of a tried model in its own words", async () => {
    await using server = standIn({ models: ["mock/error-429"] })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.waitForFunction(() => (document.querySelector("#try input") as HTMLInputElement).value === "mock/error-429")
    await page.getByRole("button", { name: "Send" }).click()
    await page.getByText("slow down").waitFor()
    await page.getByText("Failed with 429").waitFor()
  })
})
