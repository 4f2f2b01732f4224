// What makes forms quick and their messages true: the calendar beside a date, Enter past what is filled, the form put away
// on a small screen, a refusal that goes when the thing is done after all.

import { expectNoAxeViolations } from "../support/axe.ts";
import { field, gridRows, newBook, savedBook, signIn, typeExport } from "../support/filing.ts";
import { enter, press, reach, retype, type } from "../support/keyboard.ts";
import { activeInput, openList, stored } from "../support/list.ts";
import { Server } from "../support/server.ts";
import { expect, keyboardTest, test as mouseTest } from "../support/test.ts";

type Page = import("@playwright/test").Page;

/** The browser's own calendar cannot be seen from a page: notes at which day it was opened, instead of opening it. */
async function noteCalendar(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const opened: string[] = [];
    Object.assign(window, { opened });
    HTMLInputElement.prototype.showPicker = function () {
      opened.push(this.value);
      this.id = "opened";
    };
  });
  return () => page.evaluate(() => (window as unknown as { opened: string[] }).opened);
}

/** Chooses a day in the calendar that is open, as the browser tells of it. */
async function chooseDay(page: Page, day: string): Promise<void> {
  await page.evaluate((day) => {
    const native = document.getElementById("opened") as HTMLInputElement;
    native.value = day;
    native.dispatchEvent(new Event("change", { bubbles: true }));
    native.removeAttribute("id");
  }, day);
}

keyboardTest("F4 opens the calendar at the typed day, and the chosen one is as good as typed", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  const opened = await noteCalendar(page);
  const day = field(page, "合同签订日期");
  await enter(page, day, "20260901");
  await press(page, "F4");
  expect(await opened()).toEqual(["2026-09-01"]);
  await chooseDay(page, "2026-10-08");
  await expect(day).toHaveValue("2026-10-08");
  await expect(day).toBeFocused();
  await press(page, "Enter");
  await expect(field(page, "结束有效日期")).toBeFocused();
  // What is no day is a fault, and stays one while the calendar is looked at.
  await type(page, "20261301");
  await press(page, "F4");
  expect(await opened()).toEqual(["2026-09-01", ""]);
  await expect(field(page, "结束有效日期")).toHaveValue("20261301");
  await expect(page.getByText("结束有效日期不是有效日期").first()).toBeVisible();
  await chooseDay(page, "2027-02-28");
  await expect(page.getByText("结束有效日期不是有效日期")).toHaveCount(0);
});

mouseTest("the calendar opens with the mouse; a date that cannot be changed has none", async ({ page }) => {
  await savedBook(page, "HT-CALENDAR");
  await press(page, "Alt+1");
  await noteCalendar(page);
  await page.locator(".combo").filter({ has: field(page, "合同签订日期") }).locator(".date-arrow").click();
  await chooseDay(page, "2026-11-11");
  await expect(field(page, "合同签订日期")).toHaveValue("2026-11-11");
  await expect(page.locator(".combo").filter({ has: field(page, "录入日期") }).locator(".date-arrow")).toBeHidden();
});

keyboardTest("Enter passes over what is filled, where the user wants it", async ({ page }) => {
  const server = await Server.start();
  try {
    await signIn(page, "donglan", "donglan-2026", `${server.url}/account`);
    await reach(page, page.getByLabel("表单中按回车遇到已有内容的字段"));
    await press(page, "ArrowDown");
    await newBook(page);
    await enter(page, field(page, "申报单位代码"), "3205246018");
    await press(page, "Enter");
    // 申报单位类型 is filled beforehand.
    await expect(field(page, "出境加工合同号")).toBeFocused();
    await press(page, "Shift+Enter");
    await expect(field(page, "申报单位类型")).toBeFocused();
    // A fault is never passed over.
    await enter(page, field(page, "手机号码"), "12");
    await press(page, "Tab");
    await reach(page, field(page, "联系人"), "Shift+Tab");
    await press(page, "Enter");
    await expect(field(page, "手机号码")).toBeFocused();
    // Nor is the last field, from which the head is saved.
    await enter(page, field(page, "备注"), "有内容");
    await reach(page, field(page, "生产工艺说明"), "Shift+Tab");
    await press(page, "Enter");
    await expect(field(page, "备注")).toBeFocused();
  } finally {
    await server.dispose();
  }
});

keyboardTest("the form is put away and comes back when it is needed", async ({ page }) => {
  await page.setViewportSize({ width: 683, height: 384 });
  await signIn(page);
  await openList(page, 3);
  const form = field(page, "商品料号");
  await reach(page, page.getByRole("button", { name: "收起录入表单" }), "Shift+Tab");
  const kept = page.waitForResponse("**/api/account/save_preferences");
  await press(page, "Enter");
  await kept;
  await expect(form).toHaveCount(0);
  await expectNoAxeViolations(page, "list without its form");
  // The list is typed into all the same, and it is the next thing.
  await reach(page, activeInput(page), "Tab", 4);
  await expect(page.locator(".grid-row:visible").nth(2)).toBeInViewport();
  const shown = page.waitForResponse("**/api/account/save_preferences");
  await press(page, "Alt+n");
  await expect(form).toBeFocused();
  await shown;
  await page.setViewportSize({ width: 1440, height: 900 });
  await typeExport(page, "8542399000", "A1", "1", "1");
  await expect(gridRows(page)).toHaveCount(4);
});

keyboardTest("on the usual office screen quantity and price of a list are seen without scrolling", async ({ page }) => {
  await page.setViewportSize({ width: 1366, height: 657 });
  await signIn(page);
  await openList(page, 3);
  const list = (await page.locator('[role="grid"]:visible').boundingBox())!;
  for (const name of ["申报数量", "申报单价"]) {
    const heading = (await page.getByRole("columnheader", { name, exact: true }).boundingBox())!;
    expect(heading.x + heading.width, name).toBeLessThanOrEqual(list.x + list.width + 1);
  }
});

mouseTest("that a list is full is said before a row is typed", async ({ page }) => {
  mouseTest.slow();
  await signIn(page);
  const id = await openList(page, 5_000);
  await expect(page.getByText("已达上限5000项，不能再新增")).toBeVisible();
  await expect(field(page, "规格型号")).toHaveAttribute("readonly", "");
  // A row that is there can be edited, and one that goes makes room.
  await gridRows(page).nth(1).getByText("S-2", { exact: true }).click();
  await expect(page.getByRole("heading", { name: "修改第2项" })).toBeVisible();
  await expect(field(page, "规格型号")).not.toHaveAttribute("readonly");
  await press(page, "Control+Delete");
  await expect.poll(async () => (await stored(page, id)).length).toBe(4_999);
  await press(page, "Alt+n");
  await expect(page.getByRole("heading", { name: "新增一项" })).toBeVisible();
  await expect(field(page, "规格型号")).not.toHaveAttribute("readonly");
});

keyboardTest("why something was refused goes away when it is done", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  await press(page, "Control+s");
  const refused = page.locator(".toast.error").filter({ hasText: "未能暂存" });
  await expect(refused).toBeVisible();
  await expect(field(page, "经营单位代码")).toBeFocused();
  // Mended at once, within the pause that tells a burst from a thought: Backspace says that the fault was seen.
  await press(page, "Backspace");
  await type(page, "3205246018");
  await expect(field(page, "经营单位代码")).toHaveValue("3205246018");
  await expect(page.locator(".type-ahead-box")).toHaveCount(0);
  await press(page, "Enter");
  await enter(page, field(page, "加工单位代码"), "3502166027");
  await press(page, "Enter");
  await expect(field(page, "加工单位名称")).not.toHaveValue("");
  await press(page, "Control+s");
  await expect(page.getByText("暂存成功！").first()).toBeVisible();
  await expect(refused).toHaveCount(0);
});

keyboardTest("without a line messages keep their signs, and the question before 删除 says what goes", async ({ page, context }) => {
  await savedBook(page, "HT-SIGNS");
  const number = /OP\d+/.exec(await page.locator(".document-summary").innerText())?.[0] ?? "";
  await reach(page, page.locator(".action-bar:visible").getByRole("button", { name: "删除", exact: true }), "Shift+Tab");
  await press(page, "Enter");
  await expect(page.locator("dialog[open]")).toContainText(`账册 ${number}`);
  await press(page, "Escape");
  await context.setOffline(true);
  await press(page, "Alt+1");
  await reach(page, field(page, "手机号码"));
  await retype(page, "1");
  // What is typed is kept here; declaring is refused.
  await press(page, "Control+Shift+Enter");
  const toast = page.locator(".toast.error").first();
  await expect(toast).toBeVisible();
  const widths = await toast.locator("use").evaluateAll((signs) => signs.map((sign) => (sign as SVGGraphicsElement).getBBox().width));
  expect(widths.length).toBe(2);
  for (const width of widths) expect(width).toBeGreaterThan(0);
  await context.setOffline(false);
});
