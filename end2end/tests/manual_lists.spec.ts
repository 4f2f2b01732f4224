// 数据查询 as the manual has it: 查询 by conditions, 查看明细, 修改, 变更 and 查看回执 of the lists of books, write-offs and
// urgings. If one fails, a declarant types into what was to be read only, mends what is declared already, or does not find
// what customs answered.

import type { Page } from "@playwright/test";
import { expectNoAxeViolations } from "../support/axe.ts";
import { approvedBook, bookedEntry } from "../support/entry.ts";
import { field, gridRows, signIn } from "../support/filing.ts";
import { activate, enter, press, reach } from "../support/keyboard.ts";
import { newId, post } from "../support/list.ts";
import { Server } from "../support/server.ts";
import { expect, keyboardTest as test } from "../support/test.ts";

/** A person reads a question before answering it. */
const PAUSE_MS = 1_000;

const bar = (page: Page) => page.getByRole("toolbar", { name: "列表操作" }).and(page.locator(":visible"));
const inBar = (page: Page, name: string) => bar(page).getByRole("button", { name, exact: true });
const whole = (page: Page, name: string) => page.locator(".action-bar:visible").getByRole("button", { name, exact: true });
const status = (page: Page) => page.locator(".document-status:visible");
const pager = (page: Page) => page.locator(".pager:visible [role=status]");
const dialog = (page: Page) => page.locator("dialog[open]");

let onTestFinished: () => Promise<void> = async () => {};
test.afterEach(async () => {
  await onTestFinished();
  onTestFinished = async () => {};
});

async function ownServer(page: Page, user = "donglan"): Promise<Server> {
  const server = await Server.start();
  onTestFinished = () => server.dispose();
  await signIn(page, user, `${user}-2026`, server.url);
  return server;
}

/** A draft of a filing. */
async function draft(page: Page, internal_no: string, operator_code = "3205246018"): Promise<string> {
  const id = newId();
  const head = { operator_code, processor_code: "3502166027", internal_no };
  await post(page, "document/save_head", { request: { id, kind: "filing", base: 0, head } });
  return id;
}

/** A write-off of a book, as a draft. */
async function writeoff(page: Page, book_no: string, internal_no: string, closes = "0"): Promise<string> {
  const id = newId();
  const day = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());
  const head = { book_no, internal_no, decl_type: "1", closes, period_to: day, declarant_code: "3205246018" };
  await post(page, "document/save_head", { request: { id, kind: "writeoff", base: 0, head } });
  return id;
}

/** Opens a list from the menu. */
async function openList(page: Page, name: string): Promise<void> {
  await activate(page, page.getByRole("navigation").getByRole("button", { name, exact: true }));
  await expect(pager(page)).toContainText("共");
}

/** Asks for one condition alone. */
async function ask(page: Page, label: string, value: string): Promise<void> {
  await activate(page, page.locator(".conditions:visible").getByRole("button", { name: "清空", exact: true }));
  await enter(page, field(page, label), value);
  await press(page, "Enter");
  await activate(page, page.getByRole("button", { name: "查询", exact: true }).and(page.locator(":visible")));
}

/** Stands on the first line of the list. */
async function choose(page: Page): Promise<void> {
  await reach(page, page.getByRole("grid").and(page.locator(":visible")));
  await press(page, "Home");
}

test("查看明细 of a draft is only read, and 修改 opens it to be typed into", async ({ page }) => {
  await signIn(page);
  const id = await draft(page, "ML-READ-1");
  await openList(page, "出境加工账册查询");
  await ask(page, "企业内部编号", "ML-READ-1");
  await expect(pager(page)).toContainText("共1条");
  // Nothing is chosen yet.
  for (const name of ["查看明细", "修改", "变更", "查看回执"]) await expect(inBar(page, name)).toBeDisabled();
  await choose(page);
  await activate(page, inBar(page, "查看明细"));
  await expect(status(page)).toContainText("暂存");
  await expect(field(page, "企业内部编号")).toHaveValue("ML-READ-1");
  await expect(field(page, "企业内部编号")).not.toBeEditable();
  await expect(field(page, "备注")).not.toBeEditable();
  for (const name of ["暂存", "删除", "申报", "导入"]) await expect(whole(page, name)).toBeDisabled();
  await expect(whole(page, "删除")).toHaveAttribute("title", /正在查看明细，不能删除/);
  await expectNoAxeViolations(page, "a draft that is only read");

  await openList(page, "出境加工账册查询");
  await activate(page, inBar(page, "修改"));
  await expect(field(page, "备注")).toBeEditable();
  await expect(whole(page, "暂存")).toBeEnabled();
  await enter(page, field(page, "备注"), "改过的备注");
  await press(page, "Control+s");
  await expect(page.getByText("暂存成功！")).toBeVisible();
  const { head } = (await post(page, "document/get", { id })) as { head: Record<string, string> };
  expect(head["remark"]).toBe("改过的备注");
});

test("what is declared cannot be opened by 修改, and 查看回执 is grey until customs answered", async ({ page }) => {
  test.setTimeout(90_000);
  await signIn(page);
  await draft(page, "ML-GREY-1");
  const { bookNo } = await approvedBook(page);
  await openList(page, "出境加工账册查询");
  await ask(page, "企业内部编号", "ML-GREY-1");
  await expect(pager(page)).toContainText("共1条");
  await choose(page);
  await expect(inBar(page, "修改")).toBeEnabled();
  await expect(inBar(page, "查看回执")).toBeDisabled();
  await expect(inBar(page, "变更")).toBeDisabled();
  await activate(page, inBar(page, "修改"));
  await expect(whole(page, "查看回执")).toBeDisabled();
  await expect(whole(page, "删除")).toBeEnabled();

  await openList(page, "出境加工账册查询");
  await ask(page, "账册编号", bookNo);
  await expect(gridRows(page)).toContainText([bookNo]);
  await choose(page);
  await expect(inBar(page, "修改")).toBeDisabled();
  await activate(page, inBar(page, "查看回执"));
  await expect(dialog(page)).toContainText("审核通过");
  await expectNoAxeViolations(page, "receipts from the list");
  await press(page, "Escape");
  await expect(dialog(page)).toHaveCount(0);
  await activate(page, inBar(page, "查看明细"));
  await expect(status(page)).toContainText("海关终审通过");
  await expect(field(page, "出境加工合同号")).not.toBeEditable();
  await expect(whole(page, "查看回执")).toBeEnabled();
  await expect(whole(page, "删除")).toBeDisabled();
});

test("the tooltip of 删除 says in which states it is possible", async ({ page }) => {
  test.setTimeout(90_000);
  await signIn(page);
  const { id } = await approvedBook(page);
  await page.goto(`/filing/${id}`);
  await expect(status(page)).toContainText("海关终审通过");
  await expect(whole(page, "删除")).toBeDisabled();
  await expect(whole(page, "删除")).toHaveAttribute("title", /暂存、申报失败或海关退单/);
});

test("变更 in the list asks, and opens the change to be typed into", async ({ page }) => {
  test.setTimeout(90_000);
  await signIn(page);
  const { bookNo } = await approvedBook(page);
  await openList(page, "出境加工账册查询");
  await ask(page, "账册编号", bookNo);
  await expect(pager(page)).toContainText("共1条");
  await choose(page);
  await activate(page, inBar(page, "变更"));
  await expect(dialog(page)).toContainText("是否确认变更该数据？");
  await press(page, "Escape");
  await expect(dialog(page)).toHaveCount(0);
  await expect(status(page)).toHaveCount(0);
  await activate(page, inBar(page, "变更"));
  await expect(dialog(page)).toContainText("是否确认变更该数据？");
  await page.waitForTimeout(PAUSE_MS);
  await press(page, "Enter");
  await expect(status(page)).toContainText("暂存");
  await expect(field(page, "变更次数")).toHaveValue("1");
  await expect(field(page, "出境加工合同号")).toBeEditable();
});

test("each condition of 账册查询 finds its book, and 清空 empties them", async ({ page }) => {
  await ownServer(page);
  await draft(page, "ML-COND-A");
  const second = await draft(page, "ML-COND-B");
  const { head } = (await post(page, "document/get", { id: second })) as { head: Record<string, string> };
  await openList(page, "出境加工账册查询");
  await expect(pager(page)).toContainText("共2条");
  // Each finds another number of lines than the one before: an old answer is not taken for the new one.
  for (const [label, value, found] of [
    ["统一编号", head["seq_no"], 1],
    ["数据状态", "B", 0],
    ["企业内部编号", "ML-COND-A", 1],
    ["数据状态", "0", 2],
    ["申报类型", "2", 0],
    ["变更次数", "1", 0],
    ["变更次数", "0", 2],
    ["录入日期到", "20200101", 0],
    ["录入日期从", "20200101", 2],
  ] as const) {
    await ask(page, label, value ?? "");
    await expect(pager(page), `${label} ${value}`).toContainText(`共${found}条`);
  }
  await ask(page, "企业内部编号", "ML-COND-A");
  await expect(pager(page)).toContainText("共1条");
  await activate(page, page.getByRole("button", { name: "清空", exact: true }));
  await expect(field(page, "企业内部编号")).toHaveValue("");
  // Enter in the last condition asks as 查询 does.
  await reach(page, field(page, "录入日期到"));
  await press(page, "Enter");
  await expect(pager(page)).toContainText("共2条");
});

test("an agent chooses for which enterprise the list asks, and finds it chosen the next time", async ({ page }) => {
  await ownServer(page, "tonghe");
  await draft(page, "ML-DL", "3205246018");
  await draft(page, "ML-HH", "3502166027");
  await openList(page, "出境加工账册查询");
  const operator = field(page, "可查询企业");
  await expect(operator).toHaveValue("3122980015");
  await expect(pager(page)).toContainText("共0条");
  await reach(page, operator);
  await page.keyboard.type("3502");
  await expect(operator).toHaveValue("3502166027");
  await expect(gridRows(page)).toContainText(["ML-HH"]);
  await page.waitForTimeout(PAUSE_MS);
  const kept = page.waitForResponse("**/api/account/save_preferences");
  await page.keyboard.type("3205");
  await kept;
  await expect(gridRows(page)).toContainText(["ML-DL"]);
  await expect(gridRows(page)).toHaveCount(1);
  await page.reload();
  await expect(operator).toHaveValue("3205246018");
  await expect(gridRows(page)).toContainText(["ML-DL"]);
});

test("报核查询: conditions, 查看明细, 修改, and 查看回执 once customs answered", async ({ page }) => {
  test.setTimeout(120_000);
  await ownServer(page);
  const first = await approvedBook(page);
  const second = await approvedBook(page);
  await bookedEntry(page, first.bookNo, "export", { goods_seq: "1", qty: "10", total_price: "25" });
  const id = await writeoff(page, first.bookNo, "ML-WO-1");
  await writeoff(page, second.bookNo, "ML-WO-2");
  await openList(page, "出境加工账册报核查询");
  await expect(pager(page)).toContainText("共2条");
  for (const [label, value, found] of [
    ["账册编号", second.bookNo, 1],
    ["报核类型", "2", 0],
    ["报核类型", "1", 2],
    ["数据状态", "B", 0],
    ["数据状态", "0", 2],
    ["录入日期到", "20200101", 0],
    ["企业内部编号", "ML-WO-1", 1],
  ] as const) {
    await ask(page, label, value);
    await expect(pager(page), label).toContainText(`共${found}条`);
  }
  await expect(gridRows(page)).toContainText([first.bookNo]);
  await choose(page);
  await expect(inBar(page, "查看回执")).toBeDisabled();
  await expect(inBar(page, "变更")).toHaveCount(0);
  await activate(page, inBar(page, "查看明细"));
  await expect(field(page, "出境加工账册编号")).toHaveValue(first.bookNo);
  await expect(field(page, "备注")).not.toBeEditable();
  await expect(whole(page, "暂存")).toBeDisabled();
  await expect(whole(page, "删除")).toBeDisabled();

  await openList(page, "出境加工账册报核查询");
  await activate(page, inBar(page, "修改"));
  await expect(field(page, "备注")).toBeEditable();
  await expect(whole(page, "查看回执")).toBeDisabled();
  await press(page, "Alt+b");
  await expect(page.locator(".toaster")).toContainText("已按台账生成");
  await press(page, "Control+Shift+Enter");
  await expect(dialog(page)).toContainText("是否确认申报");
  await page.waitForTimeout(PAUSE_MS);
  await press(page, "Enter");
  await expect(status(page)).toContainText("海关终审通过");

  await openList(page, "出境加工账册报核查询");
  await expect(gridRows(page)).toContainText(["海关终审通过"]);
  await expect(inBar(page, "修改")).toBeDisabled();
  await activate(page, inBar(page, "查看回执"));
  await expect(dialog(page)).toContainText("审核通过");
  await press(page, "Escape");
  const { head } = (await post(page, "document/get", { id })) as { head: Record<string, string> };
  expect(head["approved_at"]).toMatch(/^\d{4}-/);
});

test("催核查询: the conditions find the urging of one book, which is only read", async ({ page }) => {
  test.setTimeout(120_000);
  const server = await ownServer(page);
  const first = await approvedBook(page);
  const second = await approvedBook(page);
  for (const { bookNo } of [first, second]) await server.command("customs", "urge", bookNo, "--content", `请报核${bookNo}`);
  await openList(page, "出境加工账册催核查询");
  await expect(async () => {
    await activate(page, page.getByRole("button", { name: "查询", exact: true }));
    await expect(pager(page)).toContainText("共2条", { timeout: 1_500 });
  }).toPass({ timeout: 30_000 });
  for (const name of ["查看明细", "查看回执"]) await expect(inBar(page, name)).toBeDisabled();
  await ask(page, "账册编号", second.bookNo);
  await expect(pager(page)).toContainText("共1条");
  await expect(gridRows(page)).toContainText([`请报核${second.bookNo}`]);
  await ask(page, "录入日期到", "20200101");
  await expect(pager(page)).toContainText("共0条");
  await ask(page, "账册编号", first.bookNo);
  await expect(gridRows(page)).toContainText([`请报核${first.bookNo}`]);
  await choose(page);
  await activate(page, inBar(page, "查看明细"));
  await expect(page.getByLabel("催核内容", { exact: true })).toHaveValue(`请报核${first.bookNo}`);
  await expect(page.getByLabel("催核内容", { exact: true })).not.toBeEditable();
});
