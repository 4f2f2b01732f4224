// Text that was typed over something somebody else stored meanwhile, brought back after a reload: who decides nothing is
// asked again, and until then nothing is overwritten.

import { field, gridRows, signIn } from "../support/filing.ts";
import { deaf } from "../support/hints.ts";
import { activate, enter, press, reach, type } from "../support/keyboard.ts";
import { activeInput, openList, stored, toColumn } from "../support/list.ts";
import { expect, keyboardTest as test, test as mouseTest } from "../support/test.ts";

test.beforeEach(async ({ page }) => {
  await deaf(page);
  await signIn(page);
});

test("who does not decide at once, after a reload, is asked again before anything is overwritten", async ({ page, browser, server }) => {
  const id = await openList(page, 1);
  await press(page, "Alt+1");
  const remark = field(page, "备注");
  await enter(page, remark, "我的备注");
  await press(page, "Tab");
  await page.waitForTimeout(600); // kept in the browser
  const other = await browser.newContext({ baseURL: server.url });
  const colleague = await other.newPage();
  await signIn(colleague, "tonghe", "tonghe-2026");
  await colleague.goto(`/filing/${id}`);
  await enter(colleague, field(colleague, "备注"), "对方的备注");
  await press(colleague, "Control+s");
  await expect(colleague.getByText("暂存成功！")).toBeVisible();
  await page.reload();
  const dialog = page.locator("dialog[open]");
  await expect(dialog).toContainText("对方的备注");
  await press(page, "Escape");
  await expect(dialog).toHaveCount(0);
  await expect(remark).toHaveValue("我的备注");
  await press(page, "Control+s");
  await expect(dialog).toContainText("对方的备注");
  await press(page, "Escape");
  await expect(dialog).toHaveCount(0);
  await colleague.reload();
  await expect(field(colleague, "备注")).toHaveValue("对方的备注");
  await press(page, "Control+s");
  await activate(page, dialog.getByRole("button", { name: /保留我的/ }));
  await expect(page.getByText("暂存成功！").first()).toBeVisible();
  await colleague.reload();
  await expect(field(colleague, "备注")).toHaveValue("我的备注");
  await other.close();
});

mouseTest("a row typed over one that somebody else stored meanwhile is asked about again when nothing was decided", async ({ page, browser, server }) => {
  mouseTest.slow();
  const id = await openList(page, 2);
  await gridRows(page).nth(1).getByText("S-2", { exact: true }).click();
  await expect(page.getByRole("heading", { name: "修改第2项" })).toBeVisible();
  await enter(page, field(page, "规格型号"), "MINE");
  await press(page, "Tab");
  await page.waitForTimeout(600); // kept in the browser
  const other = await browser.newContext({ baseURL: server.url });
  const colleague = await other.newPage();
  await signIn(colleague, "tonghe", "tonghe-2026", `${server.url}/filing/${id}`);
  await reach(colleague, field(colleague, "主管海关"));
  await press(colleague, "Alt+2");
  await reach(colleague, activeInput(colleague));
  await toColumn(colleague, "spec_model");
  await press(colleague, "ArrowDown");
  await type(colleague, "THEIRS");
  await press(colleague, "Enter");
  await press(colleague, "ArrowUp");
  const spec = async () => (await stored(colleague, id))[1]?.content["spec_model"];
  await expect.poll(spec).toBe("THEIRS");
  await page.reload();
  const question = page.locator("dialog[open]");
  await expect(question).toContainText("THEIRS");
  await press(page, "Escape");
  await expect(question).toHaveCount(0);
  await expect(field(page, "规格型号")).toHaveValue("MINE");
  await reach(page, field(page, "规格型号"));
  await press(page, "Control+s");
  await expect(question).toContainText("THEIRS");
  expect(await spec()).toBe("THEIRS");
  await activate(page, question.getByRole("button", { name: "保留我的" }));
  await expect.poll(spec).toBe("MINE");
  await other.close();
});
