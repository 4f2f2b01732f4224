// The pages that are not part of filing, and every page in English, dark and narrow: nothing may be
// unreadable or unnamed for somebody who works with other settings.

import { expectNoAxeViolations } from "../support/axe.ts";
import { field, newBook, signIn } from "../support/filing.ts";
import { activate, press, reach, retype, type } from "../support/keyboard.ts";
import { expect, keyboardTest, test } from "../support/test.ts";

keyboardTest("a wrong password says so without saying which half was wrong", async ({ page }) => {
  await page.goto("/");
  await expect(field(page, "用户名")).toBeFocused();
  await type(page, "donglan");
  await press(page, "Tab");
  await type(page, "not-the-password");
  await press(page, "Enter");
  await expect(page.getByRole("alert").filter({ hasText: /用户名或密码/ }).first()).toBeVisible();
  await expectNoAxeViolations(page, "login refused");
});

keyboardTest("an empty list and a list whose server is gone are said, not blank", async ({ page, context }) => {
  await signIn(page);
  await page.goto("/books");
  await reach(page, field(page, "企业内部编号"));
  await retype(page, "NOTHING-HAS-THIS-NUMBER");
  await activate(page, page.getByRole("button", { name: "查询", exact: true }));
  await expect(page.getByText("没有符合条件的账册").first()).toBeVisible();
  await expectNoAxeViolations(page, "empty list");
  await context.route("**/api/book/list", (route) => route.abort());
  await activate(page, page.getByRole("button", { name: "查询", exact: true }));
  await expect(page.getByText("连接不上服务器").first()).toBeVisible();
  await expectNoAxeViolations(page, "list without a server");
});

keyboardTest("one's sessions can be seen and ended", async ({ page, browser, server }) => {
  const other = await browser.newContext({ baseURL: server.url });
  const second = await other.newPage();
  await signIn(second, "haihe", "haihe-2026");
  await signIn(page, "haihe", "haihe-2026");
  await page.goto("/account");
  await expect(page.getByRole("button", { name: /结束/ }).first()).toBeVisible();
  await expectNoAxeViolations(page, "account");
  await activate(page, page.getByRole("button", { name: /结束/ }).first());
  const question = page.locator("dialog[open]");
  if (await question.count()) await press(page, "Enter");
  await second.goto("/books");
  await expect(field(second, "密码")).toBeVisible();
  await other.close();
});

for (const scheme of ["light", "dark"] as const) {
  for (const width of [1024, 1440]) {
    test(`filing and list, ${scheme}, ${width} wide, both languages`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 800 });
      await signIn(page);
      await newBook(page);
      await expectNoAxeViolations(page, `new book, ${scheme}`);
      const chosen = page.waitForResponse("**/api/account/save_preferences");
      await page.getByRole("button", { name: "English" }).click();
      await chosen;
      await expect(page.getByLabel("Operator code", { exact: true })).toBeVisible();
      await expectNoAxeViolations(page, `new book in English, ${scheme}`);
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(sideways, "the page scrolls sideways").toBeLessThanOrEqual(0);
      await page.goto("/books");
      await expectNoAxeViolations(page, `list, ${scheme}`);
      await page.goto("/account");
      await expectNoAxeViolations(page, `account, ${scheme}`);
      // The choice is the user's, kept on the server: put back for whoever comes next.
      const kept = page.waitForResponse("**/api/account/save_preferences");
      await page.getByRole("button", { name: "中文" }).click();
      await expect(page.getByRole("button", { name: "退出" })).toBeVisible();
      await kept;
      if (process.env.OPBOOK_PICTURES) await page.screenshot({ path: `${process.env.OPBOOK_PICTURES}/account-${scheme}.png` });
    });
  }
}
