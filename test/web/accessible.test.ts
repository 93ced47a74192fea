import { expect, test } from "bun:test"
import { AxeBuilder } from "@axe-core/playwright"
import type { Page } from "playwright-core"
import { inBrowser, openPage } from "./browser.ts"
import { eventful, failed, manyCalls } from "./stand-in/calls.ts"
import { status } from "./stand-in/status.ts"
import { standIn } from "./stand-in.ts"

const troubled = () =>
  status({
    state: "degraded",
    config: { ...status().config, source: "last-good", problems: ["providers.openai.keys[0]: no such variable"] },
    log: { state: "down", queued: 3, dropped: 12, written: 9, lastError: "disk full" },
  })

async function findings(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"])
    .analyze()
  return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join(" | ")}`)
}

/** Text below 12 px, and whatever makes the page scroll sideways. */
const tooSmallOrWide = (page: Page) =>
  page.evaluate(() => {
    const small = [...document.querySelectorAll("body *")].filter(
      (element) =>
        [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim()) &&
        Number.parseFloat(getComputedStyle(element).fontSize) < 12,
    )
    const wide = document.documentElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : []
    return [...small.map((element) => element.outerHTML.slice(0, 120)), ...wide]
  })

inBrowser("for everybody", (browser) => {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [width, height] of [
      [360, 740],
      [1_280, 800],
      [2_560, 1_300],
    ] as const) {
      test(`nothing to complain about, ${colorScheme}, ${width} px`, async () => {
        await using server = standIn({ calls: [eventful, failed, ...manyCalls(6)], status: troubled })
        await using opened = await openPage(browser(), server.url, { colorScheme, viewport: { width, height } })
        const { page } = opened
        await page.waitForSelector(".row[data-call]")
        expect(await tooSmallOrWide(page)).toEqual([])
        expect(await findings(page)).toEqual([])

        await page.goto(`${server.url}?call=req_eventful`)
        await page.waitForSelector(".turns")
        expect(await tooSmallOrWide(page)).toEqual([])
        expect(await findings(page)).toEqual([])
        expect(opened.complaints).toEqual([])
      })
    }
  }

  test("nothing to complain about in tables, raw bytes and help", async () => {
    await using server = standIn({ calls: [eventful] })
    await using opened = await openPage(browser(), `${server.url}?call=req_eventful`)
    const { page } = opened
    await page.getByText("As a table").click()
    await page.getByText("Request sent on").click()
    await page.waitForSelector(".raw-text")
    expect(await findings(page)).toEqual([])
    await page.keyboard.press("?")
    await page.waitForSelector("dialog.help")
    expect(await findings(page)).toEqual([])
  })

  test("nothing to complain about while it is empty or failed", async () => {
    await using server = standIn({ calls: [], status: () => status({ providers: [] }), models: [] })
    await using opened = await openPage(browser(), server.url)
    await opened.page.getByText("No calls yet").waitFor()
    expect(await findings(opened.page)).toEqual([])
    await opened.page.goto(`${server.url}?q=x&call=req_nowhere`)
    await opened.page.getByText("This call is not in the log").waitFor()
    expect(await findings(opened.page)).toEqual([])
  })

  test("a call's row says what each of its figures is", async () => {
    await using server = standIn({ calls: [eventful] })
    await using opened = await openPage(browser(), server.url, { viewport: { width: 1_900, height: 900 } })
    await opened.page.waitForSelector(".row[data-call]")
    const tree = await opened.page.locator("#calls .window-rows").ariaSnapshot()
    expect(tree).toMatch(
      /link "\S+ complete, 4 tries 200 openai\/gpt-5\.2 anthropic · stream 4 tries 3 notices tokens 21,047 → 1,891 cost \$0\.0313 first token 3\.50 s total 5\.32 s"/,
    )
  })

  test("what is asked of a model cannot be nothing", async () => {
    await using server = standIn()
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.locator("#try textarea").fill("")
    await page.keyboard.press("Control+Enter")
    expect(await page.locator("#try textarea").evaluate((field) => (field as HTMLTextAreaElement).validity.valueMissing)).toBe(
      true,
    )
    expect(server.posted).toEqual([])
  })
})
