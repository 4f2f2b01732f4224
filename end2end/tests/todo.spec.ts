// 待办 and 查号: what waits is on the first screen, by whom it waits and why; a number that is typed there leads to its document
// by Enter, also when the answer is slow. Who is not shown that a book ends, or cannot find it by the number in hand, is late.

import type { Page } from "@playwright/test";
import { expectNoAxeViolations, switchLanguage } from "../support/axe.ts";
import { approvedBook } from "../support/entry.ts";
import { gridRows, signIn } from "../support/filing.ts";
import { activate, press, reach, type } from "../support/keyboard.ts";
import { newId, post } from "../support/list.ts";
import { Server } from "../support/server.ts";
import { expect, keyboardTest as test, test as mouseTest } from "../support/test.ts";

const PICTURES = process.env.OPBOOK_PICTURES;

let onTestFinished: () => Promise<void> = async () => {};
test.afterEach(async () => {
  await onTestFinished();
  onTestFinished = async () => {};
});

const box = (page: Page) => page.locator(".find-input:visible");
const options = (page: Page) => page.locator(".find-option:visible");
const panel = (page: Page) => page.locator(".todo:visible");

async function ownServer(page: Page, user: string): Promise<Server> {
  const server = await Server.start();
  onTestFinished = () => server.dispose();
  await signIn(page, user, `${user}-2026`, server.url);
  return server;
}

/** A draft of an enterprise, as a colleague stored it. */
async function draft(page: Page, operator_code: string, internal_no: string, more: Record<string, string> = {}): Promise<string> {
  const id = newId();
  const head = { operator_code, processor_code: "3502166027", internal_no, ...more };
  await post(page, "document/save_head", { request: { id, kind: "filing", base: 0, head } });
  return id;
}

test("what waits is on the first screen, and Enter opens it", async ({ page }) => {
  test.setTimeout(120_000);
  const server = await ownServer(page, "donglan");
  await expect(panel(page)).toContainText("没有待办事项");
  const { bookNo } = await approvedBook(page);
  await draft(page, "3205246018", "NB-2026-077");
  await server.command("customs", "urge", bookNo, "--content", "账册即将到期，请报核");
  await press(page, "Alt+j");
  await expect(box(page)).toBeFocused();
  await expect(async () => {
    await activate(page, panel(page).getByRole("button", { name: "刷新", exact: true }));
    await expect(gridRows(page)).toHaveCount(2, { timeout: 1_500 });
  }).toPass({ timeout: 30_000 });
  await expect(gridRows(page).nth(0)).toContainText("已催核");
  await expect(gridRows(page).nth(0)).toContainText(bookNo);
  await expect(gridRows(page).nth(1)).toContainText("暂存未申报");
  // How much the draft lacks, and where to begin.
  await expect(gridRows(page).nth(1)).toContainText(/暂存；\d+项须改，先看：表头，主管海关不能为空/);
  await expectNoAxeViolations(page, "todo");
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/todo.png` });

  // One sort alone, then the whole again.
  await activate(page, panel(page).getByRole("button", { name: "暂存未申报 1" }));
  await expect(gridRows(page)).toHaveCount(1);
  await reach(page, page.getByRole("grid", { name: "待办" }));
  await press(page, "ArrowDown");
  await press(page, "Enter");
  await expect(page.getByLabel("企业内部编号", { exact: true })).toHaveValue("NB-2026-077");
  await expect(page.getByLabel("企业内部编号", { exact: true })).toBeEditable();
  await press(page, "Alt+j");
  await activate(page, panel(page).getByRole("button", { name: "全部 2" }));
  await expect(gridRows(page)).toHaveCount(2);
});

test("what waits is renewed while one looks at it; when that fails it says so and keeps what it had", async ({ page }) => {
  test.setTimeout(120_000);
  await page.clock.install();
  await ownServer(page, "donglan");
  await press(page, "Alt+j");
  await expect(panel(page)).toContainText("没有待办事项");
  const id = await draft(page, "3205246018", "NB-1");
  await expect(gridRows(page)).toHaveCount(0);
  await page.clock.fastForward("01:01");
  await expect(gridRows(page)).toHaveCount(1);
  await expect(gridRows(page).nth(0)).toContainText(/\d+项须改/);
  const told = await gridRows(page).nth(0).textContent();
  // A colleague goes on with it: the next look knows.
  const head = { operator_code: "3205246018", processor_code: "3502166027", internal_no: "NB-1", currency: "USD", contract_no: "HT-1" };
  await post(page, "document/save_head", { request: { id, kind: "filing", base: 1, head } });
  await page.clock.fastForward("01:01");
  await expect(gridRows(page).nth(0)).not.toHaveText(told!);
  await expect(gridRows(page).nth(0)).toContainText(/\d+项须改/);

  let asked = 0;
  await page.route("**/api/todo/list", async (route) => {
    asked += 1;
    await route.abort();
  });
  await page.clock.fastForward("01:01");
  await expect(panel(page)).toContainText("未能自动刷新，所列可能不是最新");
  await expect(gridRows(page)).toHaveCount(1);
  await expectNoAxeViolations(page, "todo that could not be renewed");
  await page.unroute("**/api/todo/list");
  await page.clock.fastForward("01:01");
  await expect(panel(page)).not.toContainText("未能自动刷新");

  // Behind another tab nobody looks at it.
  await page.route("**/api/todo/list", async (route) => {
    asked += 1;
    await route.continue();
  });
  await reach(page, page.getByRole("grid", { name: "待办" }));
  await press(page, "ArrowDown");
  await press(page, "Enter");
  await expect(page.getByLabel("企业内部编号", { exact: true })).toHaveValue("NB-1");
  asked = 0;
  await page.clock.fastForward("03:00");
  await page.waitForTimeout(500);
  expect(asked).toBe(0);
});

test("a number leads to its document by Enter, before the answer has come too", async ({ page }) => {
  test.setTimeout(120_000);
  await ownServer(page, "donglan");
  const first = await draft(page, "3205246018", "NB-1");
  await draft(page, "3205246018", "NB-12", { contract_no: "HT-特-9" });
  await press(page, "Alt+j");
  await reach(page, box(page));
  await type(page, "nb-1");
  await expect(options(page)).toHaveCount(2);
  await expect(options(page).nth(0)).toContainText("NB-1");
  await expectNoAxeViolations(page, "numbers found");
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/find.png` });
  await press(page, "ArrowDown");
  await press(page, "ArrowUp");
  await press(page, "Enter");
  await expect(page.getByLabel("企业内部编号", { exact: true })).toHaveValue("NB-1");
  expect(page.url()).toContain(first);

  // The line is slow: Enter waits for the answer to what stands there, and opens that.
  await page.route("**/api/find/number", async (route) => {
    await new Promise((done) => setTimeout(done, 800));
    await route.continue();
  });
  await press(page, "Alt+j");
  await reach(page, box(page));
  await press(page, "Control+a");
  await type(page, "ht-特");
  await press(page, "Enter");
  await expect(page.getByLabel("企业内部编号", { exact: true }).and(page.locator(":visible"))).toHaveValue("NB-12");
  await page.unroute("**/api/find/number");

  await press(page, "Alt+j");
  await reach(page, box(page));
  await press(page, "Control+a");
  await type(page, "没有这个");
  await press(page, "Enter");
  await expect(panel(page)).toContainText("没有以此开头的号码");
  await page.route("**/api/find/number", (route) => route.abort());
  await press(page, "Control+a");
  await type(page, "NB-12");
  await press(page, "Enter");
  await expect(page.locator(".find-note.failed:visible")).not.toBeEmpty();
  await expectNoAxeViolations(page, "a search that failed");
});

mouseTest("an agent sees for whom how much waits, and chooses with the mouse", async ({ page }) => {
  mouseTest.setTimeout(120_000);
  const server = await Server.start();
  try {
    await signIn(page, "tonghe", "tonghe-2026", server.url);
    await draft(page, "3205246018", "DL-1");
    await draft(page, "3205246018", "DL-2");
    await page.locator('.menu-entry[data-action^="待办"]').click();
    const row = panel(page).getByRole("row").filter({ hasText: "3205246018" }).first();
    await expect(row).toContainText("2");
    await row.getByRole("button").click();
    await expect(row.getByRole("button")).toHaveAttribute("aria-pressed", "true");
    await expect(gridRows(page)).toHaveCount(2);
    await expectNoAxeViolations(page, "todo of an agent");
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/todo-agent.png` });
    await row.getByRole("button").click();
    await expect(row.getByRole("button")).toHaveAttribute("aria-pressed", "false");
    await gridRows(page).filter({ hasText: "DL-1" }).dblclick();
    await expect(page.getByLabel("企业内部编号", { exact: true })).toHaveValue("DL-1");
    await page.getByRole("tab", { name: "待办" }).click();
    await box(page).click();
    await page.keyboard.type("DL-2");
    await options(page).filter({ hasText: "DL-2" }).click();
    await expect(page.getByLabel("企业内部编号", { exact: true }).and(page.locator(":visible"))).toHaveValue("DL-2");
  } finally {
    await server.dispose();
  }
});

test("in English, and where no tab is open", async ({ page }) => {
  await signIn(page);
  await draft(page, "3205246018", `EN-${Date.now()}`);
  await page.goto("/");
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await expect(panel(page)).toContainText("暂存未申报");
  await switchLanguage(page);
  await expect(panel(page)).toContainText("Drafts");
  await expectNoAxeViolations(page, "first screen in English");
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/todo-first-en.png` });
  await switchLanguage(page);
});

test("an address for reminders is kept, and what is none is refused in place", async ({ page }) => {
  await ownServer(page, "donglan");
  await activate(page, page.locator("[data-action^='账户']"));
  const input = page.getByLabel("提醒邮箱");
  await expect(page.locator("#email-note")).toContainText("没有设置邮件服务器");
  await reach(page, input);
  await type(page, "not an address");
  await press(page, "Enter");
  await expect(page.locator(".account")).toContainText("邮箱地址不正确");
  await expect(input).toBeFocused();
  await type(page, "li@example.com");
  await press(page, "Enter");
  await expect(page.locator(".toaster")).toContainText("提醒邮箱已保存");
  await expectNoAxeViolations(page, "account with an address");
  await page.reload();
  await activate(page, page.locator("[data-action^='账户']"));
  await expect(page.getByLabel("提醒邮箱")).toHaveValue("li@example.com");
});
