// One document in two windows of one browser: one is typed into, the other shows it as it moves. Without it the two write over each
// other's unsaved text.

import { expectNoAxeViolations } from "../support/axe.ts";
import { field, savedBook } from "../support/filing.ts";
import { enter, press, reach, retype } from "../support/keyboard.ts";
import { expect, keyboardTest as test } from "../support/test.ts";

test("two windows on one document: the second shows it as it moves, and goes on where the first was closed", async ({ page, context }) => {
  test.slow();
  await savedBook(page, "HT-WINDOWS");
  await press(page, "Alt+1");
  const second = await context.newPage();
  await second.goto(page.url());
  const notice = second.getByText("此单据正在本浏览器的另一个窗口或标签页中录入");
  await expect(notice).toBeVisible();
  await expect(field(second, "备注")).not.toBeEditable();
  await expectNoAxeViolations(second, "open in another window");
  await enter(page, field(page, "备注"), "第一个窗口存的");
  await press(page, "Control+s");
  await expect(page.getByText("暂存成功！").last()).toBeVisible();
  await expect(field(second, "备注")).toHaveValue("第一个窗口存的");
  // Typed and not saved, and the window is closed: the second has it, as after a crash.
  await enter(page, field(page, "联系人"), "没有暂存的");
  await page.waitForTimeout(500);
  await page.close();
  await expect(notice).toHaveCount(0);
  await expect(field(second, "联系人")).toHaveValue("没有暂存的");
  await reach(second, field(second, "备注"));
  await retype(second, "第二个窗口存的");
  await press(second, "Control+s");
  await expect(second.getByText("暂存成功！")).toBeVisible();
  // The same window, the page anew: nobody else has it.
  await second.reload();
  await expect(field(second, "备注")).toBeEditable();
  await expect(field(second, "备注")).toHaveValue("第二个窗口存的");
  await expect(field(second, "联系人")).toHaveValue("没有暂存的");
  await expect(notice).toHaveCount(0);
});
