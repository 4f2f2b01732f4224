// How many keys a book costs: from the sign-in to the decision of customs, with 3 exports, 2 re-imports and 3 papers, as
// somebody types it who knows the program. Once with Enter through every field, once past those that are filled already.
// The chooser of files is the operating system's and is not counted.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { field, gridRows } from "../support/filing.ts";
import { press, type } from "../support/keyboard.ts";
import { post } from "../support/list.ts";
import { pdf } from "../support/papers.ts";
import { Server } from "../support/server.ts";
import { expect, test } from "../support/test.ts";

/** What is typed into a field, by its label; where nothing is said, Enter goes on. */
type Typed = Record<string, string>;

const HEAD: Typed = {
  主管海关: "2300", 经营单位代码: "3205246018", 加工单位代码: "3502166027", 申报单位代码: "3205246018", 出境加工合同号: "HT-1",
  合同签订日期: "0901", 境外加工企业名称: "Mekong Ltd", "加工国别(地区)": "VNM", 币制: "USD",
  联系人: "沈知远", 手机号码: "13800138000", 生产工艺说明: "晶圆出境封装测试后复运进境",
};
const EXPORTS: Typed[] = ["8542311100", "8541100000", "8534001000"].map((code) => ({
  商品编码: code, 规格型号: "A1", 申报计量单位: "007", 申报数量: "100", 法定数量: "100", 第二法定数量: "1", 申报单价: "2.5",
}));
const REIMPORTS: Typed[] = ["8542311100", "8541100000"].map((code) => ({
  商品编码: code, 规格型号: "A1", 申报计量单位: "007", 申报数量: "100", 法定数量: "100", 第二法定数量: "1", 申报单价: "9.9",
  原出口货物价值: "250", 境外加工费: "30", 境外料件费: "5", 运输及相关费用: "2", 保险费: "1", 对应出口商品序号: "1",
}));

interface Count {
  characters: number;
  others: number;
}

async function counted(page: Page): Promise<Count> {
  return page.evaluate(() => (window as unknown as { count: Count }).count);
}

/** Types what a form wants from the field with the focus on, until the keys stand in `end` or the form is empty again. */
async function fill(page: Page, values: Typed): Promise<void> {
  const left = { ...values };
  for (let step = 0; step < 40; step += 1) {
    const label = await page.evaluate(() => {
      const active = document.activeElement as HTMLInputElement;
      return { name: active.labels?.[0]?.textContent ?? "", value: active.value };
    });
    const value = left[label.name];
    delete left[label.name];
    if (value !== undefined && value !== label.value) await type(page, value);
    await press(page, "Enter");
    await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLInputElement).labels?.[0]?.textContent ?? "")).not.toBe(label.name);
    if (label.name === "备注") break;
  }
  // What the program fills by itself may be passed over.
  expect(Object.keys(left).filter((name) => !["法定数量", "第二法定数量", "申报单位代码"].includes(name)), "not asked for").toEqual([]);
}

for (const [name, choice] of [["through every field", "stop"], ["past what is filled already", "skip"]] as const) {
  test(`keys of a book, Enter ${name}`, async ({ page }) => {
    const folder = mkdtempSync(join(tmpdir(), "opbook-keys-"));
    const server = await Server.start();
    try {
      await page.addInitScript(() => {
        const count = { characters: 0, others: 0 };
        Object.assign(window, { count });
        window.addEventListener("keydown", (event) => {
          if (event.isTrusted && !["Control", "Alt", "Shift"].includes(event.key)) count[event.key.length === 1 && !event.ctrlKey && !event.altKey ? "characters" : "others"] += 1;
        }, true);
        // An input method delivers words without keys of their own here: two letters a sign are usual.
        window.addEventListener("beforeinput", (event) => {
          const text = (event as InputEvent).data ?? "";
          if ((event as InputEvent).inputType === "insertText" && text.length > 1) count.characters += 2 * text.length;
        }, true);
      });
      // Asked for with the key, the browser would hear of it after the key.
      const chooser = page.waitForEvent("filechooser", { timeout: 60_000 });
      await page.goto(server.url);
      await expect(field(page, "用户名")).toBeFocused();
      await type(page, "donglan");
      await press(page, "Tab");
      await type(page, "donglan-2026");
      await press(page, "Enter");
      await expect(page.getByRole("button", { name: "退出" })).toBeVisible();
      await post(page, "account/save_preferences", { preferences: JSON.stringify({ "enter.filled": choice }) });
      await page.reload();
      await expect(page.getByRole("button", { name: "新账册备案" }).first()).toBeFocused();
      const before = await counted(page);
      await press(page, "Enter");
      await expect(field(page, "企业内部编号")).toBeFocused();
      await fill(page, HEAD);
      await expect(page.getByText("暂存成功！")).toBeVisible();
      for (const row of EXPORTS) await fill(page, row);
      await press(page, "Alt+3");
      await expect(field(page, "商品料号")).toBeFocused();
      for (const row of REIMPORTS) await fill(page, row);
      await expect(gridRows(page)).toHaveCount(2);
      await press(page, "Alt+4");
      await press(page, "Alt+o");
      const files = ["出境加工合同.pdf", "生产工艺.pdf", "货物图片.pdf"].map((file) => {
        writeFileSync(join(folder, file), pdf(file === "出境加工合同.pdf" ? "A" : file === "生产工艺.pdf" ? "B" : "C"));
        return join(folder, file);
      });
      await (await chooser).setFiles(files);
      await press(page, "Control+Enter");
      await expect(gridRows(page)).toHaveCount(3);
      await press(page, "Alt+u");
      await expect(gridRows(page).filter({ hasText: "已上传" })).toHaveCount(3);
      await press(page, "Control+Shift+Enter");
      await expect(page.getByRole("dialog")).toContainText("是否确认申报");
      await press(page, "Enter");
      await expect(page.locator(".document-status")).toContainText("海关终审通过");
      const after = await counted(page);
      const [characters, others] = [after.characters - before.characters, after.others - before.others];
      console.log(`\nkeys of a book, Enter ${name}: ${others} keys that lead on or command, ${characters} that type; ${others + characters} in all`);
    } finally {
      await server.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
