import { expect, test } from "bun:test"
import type { LogEntryView, PayloadView } from "../../src/http/api/log-entry.ts"
import { inBrowser, openPage } from "./browser.ts"
import { call, entryOf, eventful, manyCalls } from "./stand-in/calls.ts"
import { standIn } from "./stand-in.ts"

const entryWith = (payload: Partial<PayloadView>) => (record: LogEntryView["record"]) => ({
  ...entryOf(record),
  payloads: entryOf(record).payloads.map((kept) => (kept.side === "client-request" ? { ...kept, ...payload } : kept)),
})

const said = (role: string, text: string) => ({ role, blocks: [{ type: "text", text }] })

inBrowser("a call's story", (browser) => {
  test("is told while the call runs, and in full when it has ended", async () => {
    let release = () => {}
    await using server = standIn({
      beforeWord: () =>
        new Promise((resolve) => {
          release = resolve
        }),
    })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.getByText("live", { exact: true }).waitFor()
    await page.getByRole("button", { name: "Send" }).click()
    await page.getByText("Story of this call").click()
    await page.getByText("under way").waitFor()
    expect(await page.locator(".story .turn-user").textContent()).toContain("Say hello in three languages.")
    release()
    await page.locator(".story .turn-assistant").getByText("Hello,").waitFor()
    await page.locator(".story .spans-stream").waitFor({ state: "attached" })
    expect(server.asked.filter((path) => path.startsWith("/api/logs/"))).toEqual([])
    server.keep({ ...eventful, id: "req_made_1" })
    await page.getByRole("button", { name: "Stop" }).click()
    await page.locator(".story .story-figures").waitFor()
    release()
  })

  test("comes by itself when the call that was opened too early ends", async () => {
    await using server = standIn({ calls: manyCalls(2) })
    await using opened = await openPage(browser(), `${server.url}?call=req_early`)
    const { page } = opened
    await page.getByText("This call is not in the log").waitFor()
    server.publish({ ...eventful, id: "req_early" })
    await page.waitForSelector(".turns")
  })

  test("gives the focus back to its row, however it is closed", async () => {
    await using server = standIn({ calls: manyCalls(3) })
    for (const width of [390, 1_280]) {
      await using opened = await openPage(browser(), server.url, { viewport: { width, height: 800 } })
      const { page } = opened
      await page.locator('.row[data-call="req_2"]').click()
      await page.waitForSelector(".turns")
      const pane = page.getByRole(width < 960 ? "dialog" : "region", { name: "The open call" })
      await pane.getByRole("button", { name: "Close the call" }).click()
      await page.waitForFunction(() => (document.activeElement as HTMLElement).dataset.call === "req_2")
    }
  })

  test("says which fallbacks were not asked", async () => {
    const route = ["openai/gpt-5.2-mini: named by prefix openai/", "groq/llama-4-scout: fallback 1"]
    await using server = standIn({ calls: [call({ id: "req_spared", route }), eventful] })
    await using opened = await openPage(browser(), `${server.url}?call=req_spared`)
    const { page } = opened
    await page.waitForSelector(".route")
    expect(await page.locator(".route li").allTextContents()).toEqual([route[0] ?? "", `${route[1]}not asked`])
    await page.goto(`${server.url}?call=req_eventful`)
    await page.waitForSelector(".route")
    expect(await page.getByText("not asked").count()).toBe(0)
  })

  test("shows of ten megabytes a beginning, and more of it at each press", async () => {
    const text = "A very long payload. ".repeat(500_000)
    await using server = standIn({
      calls: manyCalls(2),
      entry: entryWith({ text, size: text.length, decoded: { messages: [said("user", text)] } }),
    })
    await using opened = await openPage(browser(), `${server.url}?call=req_2`)
    const { page } = opened
    const userText = page.locator(".turn-user .said").first()
    await userText.waitFor()
    expect((await userText.textContent())?.length).toBe(4_000)
    await page.getByRole("button", { name: "Show 200,000 more of 10,500,000 characters" }).click()
    await page.waitForFunction(() => document.querySelector(".turn-user .said")?.textContent?.length === 204_000)
    await page.keyboard.press("r")
    const raw = page.locator(".raw-text")
    expect((await raw.textContent())?.length).toBe(100_000)
    await page.getByRole("button", { name: "Show 400,000 more of 10,500,000 characters" }).click()
    await page.waitForFunction(() => document.querySelector(".raw-text")?.textContent?.length === 500_000)
    await page.keyboard.press("r")
    await page.keyboard.press("j")
    await page.waitForFunction(() => document.querySelector(".turn-user .said")?.textContent?.length === 4_000)
  })

  test("shows of a long conversation its end", async () => {
    const messages = Array.from({ length: 1_000 }, (_, index) =>
      said(index % 2 === 0 ? "user" : "assistant", `Turn ${index + 1}.`),
    )
    await using server = standIn({ calls: manyCalls(1), entry: entryWith({ decoded: { messages } }) })
    await using opened = await openPage(browser(), `${server.url}?call=req_1`)
    const { page } = opened
    await page.waitForSelector(".turns")
    expect(await page.locator(".turn").count()).toBe(100)
    expect(await page.locator(".turn").nth(98).textContent()).toContain("Turn 1000.")
    await page.getByRole("button", { name: "Show 400 earlier turns of 1,001" }).click()
    await page.waitForFunction(() => document.querySelectorAll(".turn").length === 500)
  })

  test("shows text in the direction of its script", async () => {
    const messages = [said("user", "שלום, מה שלומך?\nHow are you?")]
    await using server = standIn({ calls: manyCalls(1), entry: entryWith({ decoded: { messages } }) })
    await using opened = await openPage(browser(), `${server.url}?call=req_1`)
    const text = opened.page.locator(".turn-user .said").first()
    const sides = await text.evaluate((element) => {
      const node = element.firstChild as Text
      const box = element.getBoundingClientRect()
      return [0, node.data.indexOf("How")].map((start) => {
        const range = document.createRange()
        range.setStart(node, start)
        range.setEnd(node, start + 3)
        const { left, right } = range.getBoundingClientRect()
        return box.right - right < left - box.left ? "right" : "left"
      })
    })
    expect(sides).toEqual(["right", "left"])
  })
})
