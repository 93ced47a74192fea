import { expect, test } from "bun:test"
import type { Page } from "playwright-core"
import { inBrowser, openPage } from "./browser.ts"
import { call, eventful, failed, manyCalls } from "./stand-in/calls.ts"
import { status } from "./stand-in/status.ts"
import { standIn } from "./stand-in.ts"

const long = "workshop-with-a-rather-long-name"
const day = 24 * 3_600_000

const calls = [
  eventful,
  failed,
  call({ id: "req_long", provider: long, model: "meta-llama/llama-4-scout-17b-16e-instruct-preview-of-a-very-long-name" }),
  call({ id: "req_yesterday", at: Date.now() - day }),
  call({ id: "req_last_year", at: Date.now() - 400 * day }),
  ...manyCalls(40),
]

const providers = () => [
  ...status().providers,
  {
    ...(status().providers[0] as ReturnType<typeof status>["providers"][number]),
    id: long,
    label: "Workshop",
    baseUrl: "http://10.20.30.40:9971/some/very/long/path/that/goes/on/and/on/until/nobody/reads/it/v1beta",
    keys: [{ id: "w1", name: long, masked: "", weight: 1 }],
  },
]

const openAt = (browser: Parameters<typeof openPage>[0], url: string, width: number) =>
  openPage(browser, url, { viewport: { width, height: 860 } })

/** Boxes that scroll or spill sideways, and text that is cut off without saying on hover what it was. */
const spilled = (page: Page) =>
  page.evaluate(() => {
    const mayScroll = ".choice, .code, .wide"
    return [...document.querySelectorAll<HTMLElement>("html, body *")].flatMap((element) => {
      if (element.scrollWidth <= element.clientWidth + 1 || element.closest(`svg, .unseen, ${mayScroll}`) !== null) return []
      const { overflowX, display } = getComputedStyle(element)
      if (display === "inline" || element.matches("input, textarea")) return []
      const said = `${element.tagName} ${element.className}: ${element.textContent?.slice(0, 60)}`
      if (overflowX === "auto" || element.tagName === "HTML") return [`scrolls: ${said}`]
      return overflowX === "hidden" && element.closest("[title]") === null ? [`cut off: ${said}`] : []
    })
  })

inBrowser("the page's layout", (browser) => {
  for (const width of [360, 390, 768, 1_024, 1_440]) {
    test(`keeps everything within its box at ${width} px`, async () => {
      await using server = standIn({ calls, status: () => status({ providers: providers() }) })
      await using opened = await openAt(browser(), server.url, width)
      const { page } = opened
      await page.waitForSelector(".row[data-call]")
      await page.getByText("10.20.30.40").waitFor()
      expect(await spilled(page)).toEqual([])
      await page.goto(`${server.url}?call=req_eventful`)
      await page.waitForSelector(".turns")
      expect(await spilled(page)).toEqual([])
    })

    test(`writes the time line's figures beside each other at ${width} px`, async () => {
      await using server = standIn({ calls })
      await using opened = await openAt(browser(), `${server.url}?call=req_eventful`, width)
      await opened.page.waitForSelector(".spans-axis text")
      const gaps = await opened.page.locator(".spans-axis text").evaluateAll((labels) => {
        const boxes = labels.map((label) => label.getBoundingClientRect())
        return boxes.slice(1).map((box, index) => box.left - (boxes[index]?.right ?? 0))
      })
      expect(gaps.length).toBeGreaterThan(1)
      expect(Math.min(...gaps)).toBeGreaterThan(4)
    })
  }

  test.each([768, 1_440, 1_900])("names each column of the calls, right above it, at %p px", async (width) => {
    await using server = standIn({ calls })
    await using opened = await openAt(browser(), server.url, width)
    await opened.page.waitForSelector(".row[data-call]")
    const columns = await opened.page.evaluate(() => {
      const seen = (row: Element | null | undefined) =>
        [...(row?.children ?? [])].flatMap((cell) => {
          const { left, right, width } = cell.getBoundingClientRect()
          return width === 0 ? [] : [{ name: cell.className, text: cell.textContent, left, right }]
        })
      return { head: seen(document.querySelector(".row-head")), row: seen(document.querySelector('[data-call="req_eventful"]')) }
    })
    expect(columns.head.map(({ text }) => text)).toContain("Outcome")
    expect(columns.head.filter(({ text }) => text === "")).toEqual([])
    const placed = (cells: typeof columns.row) => cells.map(({ name, left, right }) => ({ name, left, right }))
    expect(placed(columns.row)).toEqual(placed(columns.head))
  })

  test("tells the day of calls that are not of today", async () => {
    await using server = standIn({ calls })
    await using opened = await openAt(browser(), server.url, 1_440)
    const time = (id: string) => opened.page.locator(`[data-call="${id}"] time`).textContent()
    await opened.page.waitForSelector(".row[data-call]")
    expect(await time("req_eventful")).toMatch(/^\d\d:\d\d:\d\d$|^\d+ [A-Z][a-z]{2} \d\d:\d\d$/)
    expect(await time("req_yesterday")).toMatch(/^\d+ [A-Z][a-z]{2} (\d\d:\d\d|\d{4})$/)
    expect(await time("req_last_year")).toMatch(/^\d+ [A-Z][a-z]{2} \d{4}$/)
  })

  test("holds still while calls come in", async () => {
    await using server = standIn({ calls })
    await using opened = await openAt(browser(), server.url, 1_440)
    const { page } = opened
    await page.getByText("live", { exact: true }).waitFor()
    await page.waitForSelector(".row[data-call]")
    await page.evaluate(() => {
      const seen = window as unknown as { shifts: string[] }
      seen.shifts = []
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as unknown as { sources: { node?: Element | null }[] }[])
          for (const { node } of entry.sources)
            if (node?.closest?.(".window-rows") === null) seen.shifts.push(node.outerHTML.slice(0, 80))
      }).observe({ type: "layout-shift", buffered: false })
    })
    for (let index = 0; index < 20; index++) {
      server.publish(call({ id: `req_new_${index}`, at: Date.now() }))
      await page.waitForSelector(`[data-call="req_new_${index}"]`)
    }
    expect(await page.evaluate(() => (window as unknown as { shifts: string[] }).shifts)).toEqual([])
  })
})
