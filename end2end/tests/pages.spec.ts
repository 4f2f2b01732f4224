// The pages that are not part of filing, and every page in both languages, light and dark, narrow and wide:
// nothing may be unreadable, unnamed or unreachable for somebody who works with other settings.

import type { Page } from "@playwright/test";
import { expectNoAxeViolations, switchLanguage } from "../support/axe.ts";
import { field, newBook, signIn } from "../support/filing.ts";
import { activate, press, reach, retype, type } from "../support/keyboard.ts";
import { activeInput, openList } from "../support/list.ts";
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
  await page.goto("/filing");
  await reach(page, field(page, "企业内部编号"));
  await retype(page, "NOTHING-HAS-THIS-NUMBER");
  await activate(page, page.getByRole("button", { name: "查询", exact: true }));
  await expect(page.getByText("没有符合条件的数据").first()).toBeVisible();
  await expectNoAxeViolations(page, "empty list");
  await context.route("**/api/document/list", (route) => route.abort());
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
  await second.goto("/filing");
  await expect(field(second, "密码")).toBeVisible();
  await other.close();
});

keyboardTest("on the screen of an office a document scrolls in one place and never slides under the top bar", async ({ page }) => {
  await page.setViewportSize({ width: 1366, height: 657 });
  await signIn(page);
  await openList(page, 3);
  for (const section of ["Alt+1", "Alt+2", "Alt+3"]) {
    await press(page, section);
    await press(page, "Tab", 12);
    const [whole, seen, slid] = await page.evaluate(() => [document.documentElement.scrollHeight, innerHeight, scrollY]);
    expect(whole, section).toBeLessThanOrEqual(seen);
    expect(slid, section).toBe(0);
  }
});

/** Switches as the top bar's buttons do, also from behind a dialog. */
async function switchTo(page: Page, language: "zh-CN" | "en", theme: "light" | "dark"): Promise<void> {
  const root = page.locator("html");
  if ((await root.getAttribute("lang")) !== language) await switchLanguage(page);
  await expect(root).toHaveAttribute("lang", language);
  await page.evaluate((look) => {
    const now = document.documentElement.dataset.theme ?? "light";
    if (now !== look) document.querySelector<HTMLElement>("[data-action^='切换深色或浅色']")?.click();
  }, theme);
}

/** What is wrong with how far the page reaches sideways, at a width in CSS pixels. */
async function expectNoSideways(page: Page, width: number, state: string): Promise<void> {
  await page.setViewportSize({ width, height: 800 });
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(sideways, `${state} scrolls sideways at ${width}`).toBeLessThanOrEqual(0);
}

test("every page and state, in both languages, light and dark, narrow and wide", async ({ page }) => {
  test.setTimeout(300_000);
  const states: [name: string, open: () => Promise<void>][] = [
    ["welcome", async () => {}],
    ["list", () => press(page, "Escape").then(() => page.evaluate(() => (document.querySelector('[data-action^="出境加工账册查询"]') as HTMLElement).click()))],
    ["account", () => page.evaluate(() => (document.querySelector('[data-action^="账户"]') as HTMLElement).click())],
    ["new book", () => page.evaluate(() => (document.querySelector('.menu-entry[data-action^="出境加工账册("]') as HTMLElement).click())],
    ["list of choices", () => page.locator(".tab-panel:not([hidden]) [role=combobox]").first().press("F4")],
    ["refused head", () => press(page, "Escape").then(() => press(page, "Control+s"))],
    ["locked rows", () => press(page, "Alt+2")],
    ["locked papers", () => press(page, "Alt+4")],
    ["palette", () => press(page, "Control+k")],
    ["list of keys", () => press(page, "Escape").then(() => press(page, "F1"))],
  ];
  await signIn(page, "tonghe", "tonghe-2026");
  for (const [name, open] of states) {
    await open();
    await expectNoAxeViolations(page, name);
    for (const language of ["zh-CN", "en"] as const) {
      for (const theme of ["light", "dark"] as const) {
        await switchTo(page, language, theme);
        if (process.env.OPBOOK_PICTURES) await page.screenshot({ path: `${process.env.OPBOOK_PICTURES}/${name.replaceAll(" ", "-")}-${language}-${theme}.png` });
      }
      // 640 is 1,280 at a zoom of 200 %.
      for (const width of [640, 1024, 1920, 2560]) await expectNoSideways(page, width, `${name}, ${language}`);
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    await switchTo(page, "zh-CN", "light");
  }
  await press(page, "Escape");
  // Leaving stores the language that was put back: the server is other tests', too.
  await page.goto("about:blank");
});

keyboardTest("Tab goes around every page, and shows where it is", async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page);
  const pages: (() => Promise<void>)[] = [
    async () => {},
    () => page.goto("/filing").then(() => expect(page.getByText("没有符合条件的数据").or(page.getByRole("grid")).first()).toBeVisible()),
    () => page.goto("/account").then(() => expect(page.getByLabel("界面密度")).toBeVisible()),
    () => newBook(page),
    () => openList(page, 3).then(() => press(page, "Tab")),
  ];
  for (const open of pages) {
    await open();
    const seen = new Set<string>();
    let rounds = 0;
    for (let step = 0; step < 200 && rounds < 2; step += 1) {
      await press(page, "Tab");
      const stop = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        if (element === document.body) return null;
        const style = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        return {
          name: `${element.tagName} ${element.id} ${element.getAttribute("aria-label") ?? element.innerText.slice(0, 30)}`,
          // What the eye can follow: an outline, and not out of the window.
          visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        };
      });
      if (stop === null || (seen.has(stop.name) && stop.name.includes("跳到内容"))) rounds += 1;
      if (stop) {
        expect(stop.visible, `the focus is not to be seen on ${stop.name}`).toBe(true);
        seen.add(stop.name);
      }
    }
    expect(rounds, `Tab never comes around: ${[...seen].slice(-5).join(" → ")}`).toBe(2);
    expect(seen.size).toBeGreaterThan(5);
  }
});

/** What lies over the control with the focus, at its upper or lower edge; null when all of it is to be seen. */
async function overFocus(page: Page): Promise<string | null> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement;
    const box = element.getBoundingClientRect();
    for (const y of [box.top + 3, box.bottom - 3]) {
      const there = document.elementFromPoint(box.left + Math.min(box.width / 2, 60), y);
      if (there === null || !element.contains(there)) return `${there?.tagName}.${there?.className} over ${element.id}`;
    }
    return null;
  });
}

for (const [width, height] of [[1440, 620], [1024, 700], [640, 400]] as const) {
  keyboardTest(`what is reached upwards is not behind the buttons, at ${width} × ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await signIn(page);
    await newBook(page);
    await reach(page, field(page, "备注"));
    for (let step = 0; step < 25 && !(await field(page, "企业内部编号").evaluate((one) => one === document.activeElement)); step += 1) {
      await press(page, "Shift+Tab");
      await expect.poll(() => overFocus(page)).toBeNull();
    }
    await expect(field(page, "企业内部编号")).toBeFocused();
    await openList(page, 30);
    await press(page, "Control+End");
    for (let row = 30; row > 1; row -= 1) {
      await press(page, "ArrowUp");
      await expect.poll(() => overFocus(page), `row ${row - 1}`).toBeNull();
    }
    await expect(activeInput(page)).toBeFocused();
  });
}

keyboardTest("Esc gives back what stood in the field, then takes away the message", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  await press(page, "Control+s");
  const failed = page.locator(".toaster .toast.error");
  await expect(failed).toBeVisible();
  await expect(field(page, "经营单位代码")).toBeFocused();
  // Keys of the same burst wait in the notice.
  await page.waitForTimeout(1_000);
  await type(page, "32");
  await press(page, "Escape");
  await expect(field(page, "经营单位代码")).toHaveValue("");
  await expect(failed).toBeVisible();
  await press(page, "Escape");
  await expect(failed).toHaveCount(0);
  await expect(field(page, "经营单位代码")).toBeFocused();
});

keyboardTest("with forced colours a field at fault shows the focus, and a cell its text", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await signIn(page);
  await newBook(page);
  await press(page, "Control+s");
  await expect(field(page, "经营单位代码")).toBeFocused();
  await expect(field(page, "经营单位代码")).toHaveCSS("border-style", "dashed");
  await expect(field(page, "经营单位代码")).toHaveCSS("outline-style", "solid");
  await openList(page, 1);
  const colours = await activeInput(page).evaluate((input) => {
    const own = getComputedStyle(input);
    const row = getComputedStyle(input.closest('[role="row"]') as Element);
    return { text: own.color, ground: own.backgroundColor, row: row.backgroundColor, outline: own.outlineStyle };
  });
  expect(colours.text).not.toBe(colours.ground);
  expect(colours.ground, "the cell that is typed into stands out of its row").not.toBe(colours.row);
  expect(colours.outline).toBe("solid");
});

for (const media of [{ forcedColors: "active" }, { reducedMotion: "reduce" }] as const) {
  test(`filing with ${JSON.stringify(media)}`, async ({ page }) => {
    await page.emulateMedia(media);
    await signIn(page);
    await newBook(page);
    await expect(field(page, "企业内部编号")).toBeFocused();
    const outline = await field(page, "企业内部编号").evaluate((element) => getComputedStyle(element).outlineStyle);
    expect(outline).not.toBe("none");
    const moving = await page.evaluate(() => document.getAnimations().filter((one) => (one.effect?.getTiming().iterations ?? 1) === Infinity).length);
    expect(moving).toBe(0);
    if (process.env.OPBOOK_PICTURES) await page.screenshot({ path: `${process.env.OPBOOK_PICTURES}/${Object.keys(media)[0]}.png` });
  });
}
