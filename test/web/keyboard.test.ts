import { expect, test } from "bun:test"
import type { Page } from "playwright-core"
import { inBrowser, openPage } from "./browser.ts"
import { eventful, failed, manyCalls } from "./stand-in/calls.ts"
import { standIn } from "./stand-in.ts"

const untilFocused = (page: Page, id: string) =>
  page.waitForFunction((wanted) => (document.activeElement as HTMLElement | null)?.dataset.call === wanted, id)

/** Presses Tab until the element in focus matches. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let pressed = 0; pressed < 60; pressed++) {
    await page.keyboard.press("Tab")
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return
  }
  throw new Error(`Tab does not reach ${selector}`)
}

inBrowser("by keyboard alone", (browser) => {
  test("a call is found, opened, read and closed", async () => {
    await using server = standIn({ calls: [eventful, failed, ...manyCalls(300)] })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.waitForSelector(".row[data-call]")

    await page.keyboard.press("j")
    await untilFocused(page, "req_eventful")
    await page.keyboard.press("j")
    await untilFocused(page, "req_failed")
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    await page.waitForSelector(".turns")
    expect(new URL(page.url()).search).toBe("?call=req_eventful")
    expect(await page.locator(".spans-bar").count()).toBe(4)
    expect(await page.locator(".spans-bar").first().getAttribute("aria-label")).toBe(
      "waiting for a free slot 142 ms, failed (rate-limit) 248 ms",
    )

    await page.keyboard.press("j")
    await page.waitForFunction(() => document.querySelector(".story-title")?.textContent === "groq/llama-4-scout")
    await page.keyboard.press("k")
    await page.waitForFunction(() => document.querySelector(".story-title")?.textContent === "openai/gpt-5.2")

    await page.keyboard.press("r")
    expect(await page.locator(".raw-text").textContent()).toContain('{"model":"anthropic/claude-sonnet-5","stream":true')
    await page.keyboard.press("r")
    await page.waitForSelector(".turns")

    await page.keyboard.press("Escape")
    await page.waitForFunction(() => location.search === "" && document.querySelector(".story") === null)
    await page.waitForFunction(() => (document.activeElement as HTMLElement).dataset.call === "req_eventful")
    await page.goBack()
    await page.waitForSelector(".turns")
    expect(opened.complaints).toEqual([])
  })

  test("j goes on past what is in view, and older calls load", async () => {
    await using server = standIn({ calls: manyCalls(250) })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.waitForSelector(".row[data-call]")
    for (let pressed = 0; pressed < 100; pressed++) await page.keyboard.press("j")
    await untilFocused(page, "req_151")
    await page.waitForSelector('li[aria-setsize="200"]')
    for (let pressed = 0; pressed < 31; pressed++) await page.keyboard.press("j")
    await untilFocused(page, "req_120")
    expect(server.asked.some((path) => path.includes("cursor=100"))).toBe(true)
    expect(await page.locator(".row[data-call]").count()).toBeLessThan(60)
  })

  test("the calls are searched with /", async () => {
    await using server = standIn({ calls: [eventful, failed, ...manyCalls(20)] })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.waitForSelector(".row[data-call]")
    await page.keyboard.press("/")
    await page.keyboard.type("context-overflow")
    await page.waitForFunction(() => document.querySelectorAll(".row[data-call]").length === 1)
    await page.keyboard.press("Enter")
    await untilFocused(page, "req_failed")
    expect(new URL(page.url()).searchParams.get("q")).toBe("context-overflow")
  })

  test("a model is tried and the call it made is opened", async () => {
    await using server = standIn({ calls: [] })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.waitForFunction(() => (document.querySelector("#try input") as HTMLInputElement).value === "openai/gpt-5.2")
    await tabTo(page, "#try input[type=text]")
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Control+a")
    await page.keyboard.type("Good morning?")
    await page.keyboard.press("Control+Enter")
    await page.getByText("complete").waitFor()
    expect(await page.locator(".answer-text").textContent()).toBe("Hello, bonjour, <b>hallo</b>.")
    expect(await page.locator(".answer .facts").textContent()).toMatch(/first token [\d.]+ m?s.*total [\d.]+ m?s.*3 tokens out/s)
    expect(server.posted).toEqual([
      {
        path: "/v1/messages",
        body: {
          model: "openai/gpt-5.2",
          max_tokens: 1_024,
          messages: [{ role: "user", content: "Good morning?" }],
          stream: true,
        },
      },
    ])
    await tabTo(page, ".answer a")
    server.publish({ ...eventful, id: "req_made_1" })
    await page.keyboard.press("Enter")
    await page.waitForSelector(".turns")
    expect(new URL(page.url()).searchParams.get("call")).toBe("req_made_1")
  })

  test("an answer under way is stopped", async () => {
    let release = () => {}
    await using server = standIn({
      beforeWord: () =>
        new Promise((resolve) => {
          release = resolve
        }),
    })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await tabTo(page, "#try textarea")
    await page.keyboard.press("Control+Enter")
    await page.waitForFunction(() => document.querySelector(".answer a") !== null)
    release()
    await page.waitForFunction(() => document.querySelector(".answer-text")?.textContent === "Hello, ")
    await tabTo(page, ".attempt-actions button:not([type=submit])")
    await page.keyboard.press("Enter")
    await page.getByText("stopped by you").waitFor()
    release()
  })

  test("? lists the keys, and Escape closes only the list", async () => {
    await using server = standIn({ calls: [eventful] })
    await using opened = await openPage(browser(), `${server.url}?call=req_eventful`)
    const { page } = opened
    await page.waitForSelector(".turns")
    await page.keyboard.press("?")
    const help = page.locator("dialog.help")
    await help.waitFor()
    for (const word of ["Next call", "Search the calls", "Close the call", "Conversation or raw bytes"])
      expect(await help.textContent()).toContain(word)
    await page.keyboard.press("Escape")
    await help.waitFor({ state: "detached" })
    expect(new URL(page.url()).searchParams.get("call")).toBe("req_eventful")
  })
})
