// The shell: the program starts under its content policy, and misses are told from pages.

import { expectNoAxeViolations } from "../support/axe.ts";
import { expect, keyboardTest, test } from "../support/test.ts";

test("the program starts in the browser, and its loading screen goes", async ({ page }) => {
  const response = await page.goto("/");
  expect(response?.headers()["content-security-policy"]).toContain("script-src 'self' 'wasm-unsafe-eval'");
  await expect(page.locator("#shell")).toHaveCount(0);
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
});

test.describe("without its WebAssembly", () => {
  test.use({ tolerated: /Failed to fetch/ });

  test("a program that does not arrive says so and can be loaded again", async ({ page, context }) => {
    await context.route("**/*.wasm", (route) => route.abort());
    const again = page.getByRole("button", { name: "重新加载" });
    await page.goto("/", { waitUntil: "domcontentloaded" });
    await expect(again).toBeFocused();
    await expectNoAxeViolations(page, "failed start");
    await context.unroute("**/*.wasm");
    await page.keyboard.press("Enter");
    await expect(page.locator("#shell")).toHaveCount(0);
  });
});

test("files come compressed and are kept for ever, pages are asked for again", async ({ request }) => {
  const shell = await request.get("/any/page", { headers: { accept: "text/html" } });
  expect(shell.headers()["cache-control"]).toBe("no-cache");
  const wasm = /href="(\/pkg\/[^"]+\.wasm)"/.exec(await shell.text())?.[1] ?? "";
  const file = await request.head(wasm, { headers: { "accept-encoding": "br" } });
  expect(file.status()).toBe(200);
  expect(file.headers()).toMatchObject({
    "cache-control": "public, max-age=31536000, immutable",
    "content-type": "application/wasm",
    "content-encoding": "br",
    vary: "Accept-Encoding",
  });
  const again = await request.get(wasm, { headers: { "if-none-match": file.headers()["etag"] ?? "", "accept-encoding": "br" } });
  expect(again.status()).toBe(304);
  for (const missing of ["/pkg/0000000000000000/opbook.js", "/nothing.png", "/codes/nothing/0"]) {
    const answer = await request.get(missing, { headers: { accept: "text/html" } });
    expect(answer.status(), missing).toBe(404);
  }
});

keyboardTest("the keyboard tests have no mouse", async ({ page }) => {
  await page.goto("/");
  expect(() => page.locator("body").click()).toThrow("not for the keyboard");
  expect(() => page.mouse.click(1, 1)).toThrow("not for the keyboard");
});
