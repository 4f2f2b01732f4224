// The main job, without a mouse: file a book, see customs answer, mend what it returns.

import { readFileSync } from "node:fs";
import { expectNoAxeViolations } from "../support/axe.ts";
import { field, fillHead, gridRows, newBook, signIn, typeExport, typeOneOfEach, typeReimport } from "../support/filing.ts";
import { activate, press, reach, retype } from "../support/keyboard.ts";
import { Server } from "../support/server.ts";
import { expect, keyboardTest as test } from "../support/test.ts";
import { en, zh } from "../support/words.ts";

const PICTURES = process.env.OPBOOK_PICTURES;

async function picture(page: import("@playwright/test").Page, name: string): Promise<void> {
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}.png` });
}

for (const [language, words] of Object.entries({ zh, en })) {
  test(`from login to an approved book, found again after a restart, in ${language}`, async ({ page }) => {
    test.slow();
    const suffix = language === "zh" ? "" : "-en";
    const server = await Server.start();
    try {
      await page.goto(server.url);
      await expectNoAxeViolations(page, "login");
      await picture(page, `login${suffix}`);
      await page.goto(server.url);
      await expect(field(page, "用户名")).toBeFocused();
      if (language === "en") {
        await activate(page, page.getByRole("button", { name: "English" }));
        await reach(page, field(page, words.user));
      }
      await page.keyboard.type("donglan");
      await press(page, "Tab");
      await page.keyboard.type("donglan-2026");
      await press(page, "Enter");
      await newBook(page, words);
      await expectNoAxeViolations(page, "new book");

      await fillHead(page);
      await expect(page.locator(".toaster").getByText(words.saved)).toBeVisible();
      await expect(page.locator(".document-summary")).toContainText("东澜精密电子");

      await press(page, "Alt+2");
      await reach(page, field(page, words.materialNo));
      await typeExport(page, "8542311100", "BGA-256", "1,000", "2.5");
      await expect(gridRows(page)).toHaveCount(1);
      await typeExport(page, "8541100000", "TO-220", "500", "1.25");
      await expect(gridRows(page)).toHaveCount(2);
      await typeExport(page, "8534001000", "FR4", "200", "3");
      await expect(gridRows(page)).toHaveCount(3);
      await expect(page.locator(".document-summary")).toContainText("3,725");
      await picture(page, `book-exports${suffix}`);
      await expectNoAxeViolations(page, "exports");

      await press(page, "Alt+3");
      await reach(page, field(page, words.materialNo));
      await typeReimport(page, "8542311100", "BGA-256T", "1000", "2500");
      await expect(gridRows(page)).toHaveCount(1);
      await typeReimport(page, "8541100000", "TO-220T", "500", "625");
      await expect(gridRows(page)).toHaveCount(2);
      await expectNoAxeViolations(page, "re-imports");
      await expect(page.getByText(words.ready, { exact: true })).toBeVisible();

      await press(page, "Control+Shift+Enter");
      await expect(page.locator("dialog[open]")).toContainText(words.declare);
      await expectNoAxeViolations(page, "question before declaring");
      await press(page, "Enter");
      await expect(page.locator(".document-status")).toContainText(words.approved);
      const bookNo = await page.locator(".document-summary").innerText();
      const number = /P2300\dW\d{5}/.exec(bookNo)?.[0] ?? "";
      expect(number).toHaveLength(12);
      await picture(page, `book-approved${suffix}`);
      await expectNoAxeViolations(page, "approved book");

      await activate(page, page.getByRole("button", { name: words.receipts }));
      await expect(page.locator("dialog[open]").getByRole("listitem")).toHaveCount(3);
      await expectNoAxeViolations(page, "receipts");
      await picture(page, `receipts${suffix}`);
      await press(page, "Escape");

      await server.restart();
      await page.goto(`${server.url}/filing`);
      await reach(page, field(page, words.bookNo));
      await retype(page, number);
      await activate(page, page.getByRole("button", { name: words.query, exact: true }));
      await expect(gridRows(page)).toHaveCount(1);
      await expect(gridRows(page).first()).toContainText(number);
      await picture(page, `books${suffix}`);
      await expectNoAxeViolations(page, "list");
      await reach(page, page.locator('[role="grid"]:visible'));
      await press(page, "ArrowDown");
      await press(page, "Enter");
      await expect(page.locator(".document-status")).toContainText(words.approved);
      await press(page, "Alt+1");
      await expect(field(page, words.contractNo)).toHaveValue("HT-2026-001");
      await expect(field(page, words.contractNo)).toHaveAttribute("readonly", "");
    } finally {
      await server.dispose();
    }
  });
}

test("what customs returns leads to its field, is mended and passes", async ({ page }) => {
  test.slow();
  await signIn(page);
  await newBook(page);
  // Too short for the simulated customs, though our own rules let it pass.
  await fillHead(page, { contractNo: "HT-RETURN", processDesc: "封装" });
  await expect(page.getByText("暂存成功！")).toBeVisible();
  await typeOneOfEach(page, "QFN-32", "100", "200");
  await press(page, "Control+Shift+Enter");
  await expect(page.locator("dialog[open]")).toContainText("是否确认申报");
  await press(page, "Enter");
  await expect(page.locator(".document-status")).toContainText("海关退单");
  await picture(page, "book-returned");
  // What customs said is reached like every other fault, as soon as it is there.
  await expect(async () => {
    await press(page, "F8");
    await expect(field(page, "生产工艺说明")).toBeFocused({ timeout: 500 });
  }).toPass();

  await activate(page, page.getByRole("button", { name: "查看回执" }));
  await expectNoAxeViolations(page, "receipts of a returned book");
  await activate(page, page.locator("dialog[open]").getByRole("button", { name: /生产工艺说明/ }));
  await expect(field(page, "生产工艺说明")).toBeFocused();
  await expectNoAxeViolations(page, "returned book");
  await retype(page, "晶圆出境封装、测试后复运进境，形态为集成电路");
  await press(page, "Control+s");
  await expect(page.locator(".document-status")).toContainText("暂存");
  await press(page, "Control+Shift+Enter");
  await expect(page.locator("dialog[open]")).toContainText("是否确认申报");
  await press(page, "Enter");
  await expect(page.locator(".document-status")).toContainText("海关终审通过");
  await activate(page, page.getByRole("button", { name: "查看回执" }));
  // Every answer of both declarations is kept.
  await expect(page.locator("dialog[open]").getByRole("listitem").filter({ hasText: "OPB211" })).toHaveCount(2);
  const [workbook] = await Promise.all([
    page.waitForEvent("download"),
    activate(page, page.locator("dialog[open]").getByRole("button", { name: "导出" })),
  ]);
  expect(workbook.suggestedFilename()).toMatch(/^回执-.+\.xlsx$/);
  expect(readFileSync(await workbook.path()).subarray(0, 2).toString()).toBe("PK");
});
