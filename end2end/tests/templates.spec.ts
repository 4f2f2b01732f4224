// Last year's book as the start of this year's: 复制 with or without the papers, and named templates
// of a head and of rows. No mouse.

import { type Page } from "@playwright/test";
import { expectNoAxeViolations } from "../support/axe.ts";
import { field, fillHead, gridRows, listed, newBook, signIn, typeExport } from "../support/filing.ts";
import { activate, answer, enter, press, reach } from "../support/keyboard.ts";
import { expect, keyboardTest as test } from "../support/test.ts";
import { pdf } from "../support/papers.ts";

const dialog = (page: Page) => page.getByRole("dialog", { name: "常用模板" });

/** A saved book with one exported row, on its list of exports. */
async function bookWithRow(page: Page): Promise<void> {
  await signIn(page);
  await newBook(page);
  await fillHead(page);
  await expect(page.getByText("暂存成功！")).toBeVisible();
  await typeExport(page, "8542399000", "64GB", "10", "2.5");
  await expect(gridRows(page)).toHaveCount(1);
}

async function keepAs(page: Page, name: string): Promise<void> {
  await press(page, "Alt+m");
  await enter(page, dialog(page).getByLabel("模板名称"), name);
  await press(page, "Enter");
  await expect(page.getByText("模板已保存。").last()).toBeVisible();
  await press(page, "Escape");
  await expect(dialog(page)).toBeHidden();
}

/** Milliseconds without a key after which an Enter answers a question that came by itself, and some to spare. */
const PAUSE_MS = 350;

/** The longest time between two keys as the page got them. */
async function longestPause(page: Page, strike: () => Promise<void>): Promise<number> {
  const begun = await page.evaluateHandle(() => {
    const struck: number[] = [];
    window.addEventListener("keydown", () => struck.push(Date.now()), true);
    return struck;
  });
  await strike();
  const struck = await begun.jsonValue();
  return Math.max(...struck.slice(1).map((at, index) => at - struck[index]!));
}

/** Stands on a template of the open dialog. */
async function standOn(page: Page, name: string): Promise<void> {
  await reach(page, dialog(page).getByRole("grid"));
  await press(page, "ArrowUp", 5);
  const current = dialog(page).locator(".grid-body > .grid-row.active");
  for (let steps = 0; steps < 10 && !(await current.innerText()).includes(name); steps += 1) await press(page, "ArrowDown");
  await expect(current).toContainText(name);
}

test("a head and rows kept under a name start the next book", async ({ page }) => {
  test.slow();
  await bookWithRow(page);
  await press(page, "Alt+m");
  await expect(dialog(page)).toContainText("还没有模板");
  await expectNoAxeViolations(page, "templates, none yet");
  await press(page, "Escape");
  // The section that is open is what is kept, unless another is chosen.
  await keepAs(page, "存储芯片");
  await press(page, "Alt+1");
  await keepAs(page, "湄公河封装");

  await newBook(page);
  await press(page, "Alt+m");
  await standOn(page, "湄公河封装");
  await expectNoAxeViolations(page, "templates");
  await press(page, "Enter");
  await expect(page.getByText("已填入模板“湄公河封装”，请核对后暂存。")).toBeVisible();
  await expect(field(page, "出境加工合同号")).toHaveValue("HT-2026-001");
  await expect(field(page, "经营单位名称")).toHaveValue(/东澜/);
  // What belongs to the one book comes anew.
  await expect(field(page, "企业内部编号")).toHaveValue("");
  await press(page, "Control+s");
  await expect(page.getByText("暂存成功！").last()).toBeVisible();
  await expect(page.locator(".document-summary:visible")).toContainText("东澜");

  await press(page, "Alt+2");
  await press(page, "Alt+m");
  await standOn(page, "存储芯片");
  await press(page, "Enter");
  await expect(page.getByText("已从模板“存储芯片”新增1行。")).toBeVisible();
  await expect(gridRows(page)).toHaveCount(1);
  await expect(gridRows(page)).toContainText("64GB");

  // One name, two contents: the second asks before it takes the place of the first.
  await press(page, "Alt+m");
  const question = page.getByRole("dialog", { name: "请选择" });
  // It comes by itself, in the middle of a burst: none of its keys answers. A machine that stalls between two keys
  // makes a person's pause of it, after which Enter is an answer: then the burst is struck again.
  let pause = Infinity;
  for (let tries = 0; tries < 10 && pause >= PAUSE_MS; tries += 1) {
    await enter(page, dialog(page).getByLabel("模板名称"), "存储芯片");
    pause = await longestPause(page, async () => {
      for (let key = 0; key < 12; key += 1) {
        await press(page, "Enter");
        await page.waitForTimeout(60);
      }
    });
  }
  await expect(question).toContainText("已有同名模板“存储芯片”");
  await answer(page, question.getByRole("button", { name: "替换" }));
  await expect(page.getByText("模板已保存。").last()).toBeVisible();

  await standOn(page, "存储芯片");
  await press(page, "Delete");
  await expect(page.getByRole("dialog").last()).toContainText("是否删除模板“存储芯片”");
  await answer(page, page.getByRole("dialog").last().getByRole("button", { name: "确定" }));
  await expect(dialog(page).getByRole("row", { name: /存储芯片/ })).toHaveCount(0);
  await expect(dialog(page).getByRole("row", { name: /湄公河封装/ })).toHaveCount(1);
});

test("a copy asks about the papers and takes them along", async ({ page }) => {
  test.slow();
  await bookWithRow(page);
  await press(page, "Alt+4");
  await reach(page, page.getByRole("button", { name: "文件选择" }));
  const contract = { name: "出境加工合同.pdf", mimeType: "application/pdf", buffer: pdf("CONTRACT") };
  await page.getByLabel("选择随附单据文件").setInputFiles(contract);
  await expect(field(page, "文件名称")).toHaveValue("出境加工合同.pdf");
  await press(page, "Control+Enter");
  await expect(page.getByRole("row", { name: /待上传/ })).toHaveCount(1);
  await activate(page, page.getByRole("button", { name: "上传", exact: true }));
  await expect(page.getByRole("row", { name: /已上传/ })).toHaveCount(1);

  for (const [way, papers] of [["复制随附单据", 1], ["不复制随附单据", 0]] as const) {
    await activate(page, page.getByRole("button", { name: "复制", exact: true }));
    const question = page.getByRole("dialog", { name: "请选择" });
    await expectNoAxeViolations(page, "how to copy");
    await activate(page, question.getByRole("button", { name: way, exact: true }));
    await expect(page.getByText("复制成功！请核对后暂存。").last()).toBeVisible();
    await press(page, "Alt+4");
    await expect(page.getByRole("row", { name: /出境加工合同.pdf/ })).toHaveCount(papers);
    await press(page, "Alt+2");
    await expect(gridRows(page)).toHaveCount(1);
  }
});

test("last year's book starts this year's from the list, too", async ({ page }) => {
  test.slow();
  await bookWithRow(page);
  await press(page, "Alt+1");
  const number = await field(page, "企业内部编号").inputValue();
  const find = async () => {
    await page.goto("/filing");
    await enter(page, field(page, "企业内部编号"), number);
    await activate(page, page.getByRole("button", { name: "查询", exact: true }));
    await expect(gridRows(page)).toHaveCount(1);
    await expect(gridRows(page)).toContainText(number);
    await reach(page, page.getByRole("grid"));
    await press(page, "Home");
    await activate(page, page.getByRole("button", { name: "复制", exact: true }));
  };
  const question = page.getByRole("dialog", { name: "请选择" });
  const all = async () => {
    await page.goto("/filing");
    await expect(gridRows(page).first()).toBeVisible();
    return listed(page);
  };
  // Thought better of: nothing is copied.
  const books = await all();
  await find();
  await expect(question).toBeVisible();
  await press(page, "Escape");
  await expect(question).toBeHidden();
  expect(await all()).toBe(books);

  await find();
  await activate(page, question.getByRole("button", { name: "不复制随附单据", exact: true }));
  await expect(page.getByText("复制成功！请核对后暂存。")).toBeVisible();
  await expect(page.locator(".document-status:visible")).toContainText("暂存");
  await expect(field(page, "出境加工合同号")).toHaveValue("HT-2026-001");
  await press(page, "Alt+2");
  await expect(gridRows(page)).toHaveCount(1);
  await expect(gridRows(page)).toContainText("64GB");
  expect(await all()).toBe(books + 1);
});
