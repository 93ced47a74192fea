import { expect, test } from "bun:test"
import type { Page } from "playwright-core"
import { inBrowser, openPage } from "./browser.ts"
import { call, eventful, hostile } from "./stand-in/calls.ts"
import { standIn } from "./stand-in.ts"

/** What markup would have left behind, had any of it been read as HTML. */
const traces = (page: Page) =>
  page.evaluate(() => ({
    ran: "broken" in window,
    elements: document.querySelectorAll("#page img, #page b, #page script, #page iframe").length,
  }))

inBrowser("a closed page", (browser) => {
  test("payloads full of HTML stay text, everywhere", async () => {
    const nasty = call({
      id: "req_nasty",
      requestedModel: hostile,
      provider: hostile,
      model: hostile,
      route: [hostile],
      userAgent: hostile,
      sessionId: hostile,
      status: 500,
      end: "error",
      error: { kind: "server-error", blame: "provider", message: hostile },
    })
    await using server = standIn({ calls: [nasty], models: [hostile, "mock/echo"] })
    await using opened = await openPage(browser(), `${server.url}?call=req_nasty`)
    const { page } = opened
    await page.waitForSelector(".turns")
    expect(await page.locator(".turn-user .said").first().textContent()).toContain(hostile)
    for (const side of ["Request sent on", "Answer received"]) {
      await page.getByText(side, { exact: true }).click()
      await page.waitForFunction(
        (said) => document.querySelector(".raw-text")?.textContent?.includes(said),
        "<script>window.broken",
      )
    }
    await page.goto(server.url)
    await page.getByRole("button", { name: "Send" }).click()
    await page.waitForFunction(() => document.querySelector(".answer-text")?.textContent?.includes("<b>hallo</b>"))
    expect(await traces(page)).toEqual({ ran: false, elements: 0 })
    expect(opened.complaints).toEqual([])
    expect(opened.foreign).toEqual([])
  })

  test("the policy stops what gets in all the same", async () => {
    await using server = standIn()
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.waitForSelector("#try")
    const refused = await page.evaluate(async () => {
      const seen: string[] = []
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => seen.push(effectiveDirective))
      const script = document.createElement("script")
      script.textContent = "window.broken = 1"
      document.body.append(script)
      document.body.insertAdjacentHTML("beforeend", `<img src=x onerror="window.broken = 2"><p style="color: red">x</p>`)
      document.body.append(Object.assign(document.createElement("img"), { src: "http://127.0.0.1:9/x.png" }))
      document.body.append(Object.assign(document.createElement("iframe"), { src: "data:text/html,x" }))
      await fetch("http://127.0.0.1:9/").catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 200))
      return { seen, ran: "broken" in window }
    })
    expect(refused.ran).toBe(false)
    for (const directive of ["script-src-elem", "style-src-attr", "img-src", "frame-src", "connect-src"])
      expect(refused.seen).toContain(directive)
  })

  test("it works behind a path prefix", async () => {
    await using server = standIn({ prefix: "/tools/gantry", calls: [eventful] })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    await page.getByText("live", { exact: true }).waitFor()
    await page.locator(".row[data-call]").click()
    await page.waitForSelector(".turns")
    expect(new URL(page.url()).pathname).toBe("/tools/gantry/")
    expect(await page.locator("#connect pre").textContent()).toContain(`${server.url}v1/chat/completions`)
    server.publish(call({ id: "req_new" }))
    await page.waitForSelector('.row[data-call="req_new"], #calls .panel-aside .button')
    expect(opened.complaints).toEqual([])
    expect(opened.foreign).toEqual([])
  })

  test("its snippets name this gateway, a model that exists, and no key", async () => {
    await using server = standIn({ models: ["groq/llama-4-scout", "mock/echo"] })
    await using opened = await openPage(browser(), server.url)
    const { page } = opened
    const client = page.locator("#connect select")
    await page.waitForFunction(() => document.querySelector("#connect pre")?.textContent?.includes("groq/llama-4-scout"))
    const names = await client.locator("option").allInnerTexts()
    expect(names).toEqual(["curl", "OpenAI Python", "OpenAI JS", "Anthropic Python", "Anthropic JS", "Claude Code", "Codex"])
    for (const name of names) {
      await client.selectOption(name)
      const code = (await page.locator("#connect pre").textContent()) ?? ""
      expect(code).toContain(server.url.replace(/\/$/, ""))
      expect(code).toContain("groq/llama-4-scout")
      expect(code).not.toMatch(/sk-|Bearer /)
    }
  })
})
