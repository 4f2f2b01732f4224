// Two people in one record at once: what they changed in different fields is both kept and said; where both changed the same,
// the text of neither goes without its typist's choice, field by field.

import type { Browser, Page } from "@playwright/test";
import { expectNoAxeViolations } from "../support/axe.ts";
import { field, savedBook, signIn } from "../support/filing.ts";
import { deaf } from "../support/hints.ts";
import { activate, enter, press, reach, retype, type } from "../support/keyboard.ts";
import { activeInput, openList, stored, toColumn } from "../support/list.ts";
import { expect, keyboardTest as test, test as mouseTest } from "../support/test.ts";

/** A colleague who has the document open. */
async function colleagueAt(browser: Browser, server: string, address: string): Promise<Page> {
  const other = await browser.newContext({ baseURL: server });
  const colleague = await other.newPage();
  await signIn(colleague, "tonghe", "tonghe-2026");
  await colleague.goto(address);
  await expect(colleague.locator(".document-status")).toBeVisible();
  return colleague;
}

test.beforeEach(({ page }) => deaf(page));
mouseTest.beforeEach(({ page }) => deaf(page));

test("the head of one book, two people: different fields are both kept, the same ones chosen one by one", async ({ page, browser, server }) => {
  test.slow();
  await savedBook(page, "HT-START");
  await press(page, "Alt+1");
  const colleague = await colleagueAt(browser, server.url, page.url());
  await enter(colleague, field(colleague, "联系人"), "李四");
  await enter(colleague, field(colleague, "备注"), "对方的备注");
  await enter(colleague, field(colleague, "生产工艺说明"), "对方的说明");
  await press(colleague, "Control+s");
  await expect(colleague.getByText("暂存成功！")).toBeVisible();

  await reach(page, field(page, "出境加工合同号"));
  await retype(page, "HT-MINE");
  await enter(page, field(page, "备注"), "我的备注");
  await enter(page, field(page, "生产工艺说明"), "我的说明");
  await press(page, "Control+s");
  const dialog = page.locator("dialog[open]");
  await expect(dialog.locator("tbody tr")).toHaveCount(2);
  await expect(dialog).not.toContainText("李四");
  await expectNoAxeViolations(page, "choice field by field");
  // Nothing is chosen for the user.
  await page.waitForTimeout(600);
  await activate(page, dialog.getByRole("button", { name: "按所选保存" }));
  await expect(dialog.getByText("还有2项没有选择。")).toBeVisible();
  const first = dialog.locator("tbody tr").nth(0);
  const second = dialog.locator("tbody tr").nth(1);
  await expect(first.getByRole("radio").nth(0)).toBeFocused();
  const isRemarkFirst = (await first.innerText()).includes("备注");
  await press(page, isRemarkFirst ? "ArrowLeft" : "ArrowRight");
  await press(page, "ArrowDown");
  await press(page, isRemarkFirst ? "ArrowRight" : "ArrowLeft");
  await expect(second.getByRole("radio").nth(isRemarkFirst ? 1 : 0)).toBeChecked();
  await activate(page, dialog.getByRole("button", { name: "按所选保存" }));
  await expect(dialog).toHaveCount(0);
  const merged = page.locator(".merged");
  await expect(merged).toContainText("联系人");
  await expect(merged).toContainText("→ 李四");
  await expectNoAxeViolations(page, "what others changed is listed");
  const texts = { 出境加工合同号: "HT-MINE", 备注: "我的备注", 生产工艺说明: "对方的说明", 联系人: "李四" };
  for (const [name, text] of Object.entries(texts)) {
    await expect(field(page, name)).toHaveValue(text);
  }
  await activate(page, merged.getByRole("button", { name: "知道了" }));
  await expect(merged).toHaveCount(0);
  await page.reload();
  for (const [name, text] of Object.entries(texts)) {
    await expect(field(page, name)).toHaveValue(text);
  }
  await colleague.context().close();
});

mouseTest("one row, two people: what each typed in another cell is kept, and the same cell is chosen by a click", async ({ page, browser, server }) => {
  mouseTest.slow();
  await signIn(page);
  const id = await openList(page, 2);
  const colleague = await colleagueAt(browser, server.url, `/filing/${id}`);
  await reach(colleague, field(colleague, "主管海关"));
  await press(colleague, "Alt+2");
  await reach(colleague, activeInput(colleague));
  await toColumn(colleague, "spec_model");
  await type(colleague, "THEIRS");
  await press(colleague, "Enter");
  await press(colleague, "ArrowDown");
  const row = async () => (await stored(page, id))[0]?.content ?? {};
  await expect.poll(async () => (await row())["spec_model"]).toBe("THEIRS");

  // Another cell of the same row: nobody is asked.
  await toColumn(page, "goods_name");
  await type(page, "我的品名");
  await press(page, "ArrowDown");
  await expect.poll(row).toMatchObject({ goods_name: "我的品名", spec_model: "THEIRS" });
  await expect(page.locator(".merged")).toContainText("规格型号");

  // The same cell, typed over what is not there any more.
  await press(colleague, "ArrowUp");
  await toColumn(colleague, "spec_model");
  await type(colleague, "THEIRS-2");
  await press(colleague, "Enter");
  await press(colleague, "ArrowDown");
  await expect.poll(async () => (await row())["spec_model"]).toBe("THEIRS-2");
  await press(page, "ArrowUp");
  await toColumn(page, "spec_model");
  await type(page, "MINE-2");
  await press(page, "ArrowDown");
  const dialog = page.locator("dialog[open]");
  await expect(dialog).toContainText("MINE-2");
  await dialog.getByText("THEIRS-2", { exact: true }).click();
  await dialog.getByRole("button", { name: "按所选保存" }).click();
  await expect(dialog).toHaveCount(0);
  await expect.poll(row).toMatchObject({ goods_name: "我的品名", spec_model: "THEIRS-2" });
  await expect(page.locator(".grid-row.draft")).toHaveCount(0);
  await colleague.context().close();
});
