import { expect, test } from "bun:test"
import { AxeBuilder } from "@axe-core/playwright"
import { gatewayWith } from "../dispatch/gateway.ts"
import { inBrowser, openPage } from "./browser.ts"

const token = "admin-token-0123456789"
const mock = { mock: {} }

inBrowser("a gateway with an admin token", (browser) => {
  test("asks for it by keyboard, says what is wrong, lets in, and lets out again", async () => {
    await using gateway = await gatewayWith({ admin: { token }, providers: mock })
    await using opened = await openPage(browser(), `${gateway.url}/?q=echo`)
    const { page } = opened
    await page.getByLabel("Admin token").waitFor()
    await page.keyboard.type("not-the-token")
    await page.keyboard.press("Enter")
    await page.getByText("This is not the admin token.").waitFor()
    expect(await page.getByLabel("Admin token").getAttribute("aria-invalid")).toBe("true")
    await page.keyboard.type(token)
    await page.keyboard.press("Enter")
    await page.getByText("live", { exact: true }).waitFor()
    expect(new URL(page.url()).search).toBe("?q=echo")
    expect(await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain(
      token,
    )
    await page.getByRole("button", { name: "Sign out" }).click()
    await page.getByLabel("Admin token").waitFor()
    expect(await page.context().cookies()).toEqual([])
    await page.reload()
    await page.getByLabel("Admin token").waitFor()
    expect(opened.foreign).toEqual([])
  })

  test("lets in who follows a link from elsewhere and is signed in", async () => {
    await using gateway = await gatewayWith({ admin: { token }, providers: mock })
    await using elsewhere = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response(`<a href="${gateway.url}/?q=x#calls">there</a>`, { headers: { "content-type": "text/html" } }),
    })
    await using opened = await openPage(browser(), `${gateway.url}/`)
    const { page } = opened
    await page.getByLabel("Admin token").fill(token)
    await page.getByRole("button", { name: "Sign in" }).click()
    await page.getByText("live", { exact: true }).waitFor()
    await page.goto(`http://localhost:${elsewhere.port}/`)
    await page.getByText("there").click()
    await page.getByText("live", { exact: true }).waitFor()
    expect(new URL(page.url()).search).toBe("?q=x")
  })

  test("says that a session is over, and the way back", async () => {
    await using gateway = await gatewayWith({ admin: { token }, providers: mock })
    await using opened = await openPage(browser(), `${gateway.url}/`)
    const { page } = opened
    await page.getByLabel("Admin token").fill(token)
    await page.keyboard.press("Enter")
    await page.getByText("live", { exact: true }).waitFor()
    await gateway.write({ admin: { token: `${token}-new` }, providers: mock })
    await gateway.gateway.reload()
    await page.getByText("signed out").waitFor()
    await page.getByRole("button", { name: "Sign in" }).click()
    await page.getByLabel("Admin token").fill(`${token}-new`)
    await page.keyboard.press("Enter")
    await page.getByText("live", { exact: true }).waitFor()
  })

  test("says that a session is over to who tries a model", async () => {
    await using gateway = await gatewayWith({ admin: { token }, client: { enforce_auth_on_inference: true }, providers: mock })
    await using opened = await openPage(browser(), `${gateway.url}/`)
    const { page } = opened
    await page.getByLabel("Admin token").fill(token)
    await page.keyboard.press("Enter")
    await page.getByText("live", { exact: true }).waitFor()
    await page.context().clearCookies()
    await page.getByRole("button", { name: "Send" }).click()
    await page.getByText("Your session is over: sign in again.").waitFor()
    await page.getByRole("button", { name: "Sign in" }).waitFor()
  })

  test("asks for name and password where the file has those", async () => {
    const login = { is_enabled: true, admin_username: "root", admin_password: "pass-word-0123456789" }
    await using gateway = await gatewayWith({ auth_config: login, providers: mock })
    await using opened = await openPage(browser(), `${gateway.url}/`)
    const { page } = opened
    await page.getByLabel("Name").waitFor()
    await page.keyboard.type("root")
    await page.keyboard.press("Tab")
    await page.keyboard.type("pass-word-0123456789")
    await page.keyboard.press("Enter")
    await page.getByText("live", { exact: true }).waitFor()
  })

  for (const colorScheme of ["light", "dark"] as const) {
    test(`has a form with nothing to complain about, ${colorScheme}`, async () => {
      await using gateway = await gatewayWith({ admin: { token }, providers: mock })
      await using opened = await openPage(browser(), `${gateway.url}/`, { colorScheme, viewport: { width: 360, height: 740 } })
      const { page } = opened
      await page.getByLabel("Admin token").fill("wrong")
      await page.keyboard.press("Enter")
      await page.getByText("This is not the admin token.").waitFor()
      const { violations } = await new AxeBuilder({ page })
        .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"])
        .analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    })
  }
})
