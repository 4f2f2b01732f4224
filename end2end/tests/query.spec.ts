// The query list: what it shows is what was asked for, and nothing else. Lines of another question, or of a book that is
// gone, are declared, printed and exported for the wrong ones.

import type { Page } from "@playwright/test";
import { field, gridRows, listed, savedBook, signIn } from "../support/filing.ts";
import { activate, answer, enter, press, reach } from "../support/keyboard.ts";
import { post } from "../support/list.ts";
import { expect, keyboardTest as test, test as mouseTest } from "../support/test.ts";

const LIST = "**/api/document/list";
const query = (page: Page) => page.getByRole("button", { name: "查询", exact: true });
const failed = (page: Page) => page.locator(".block.failed:visible");
const pager = (page: Page) => page.locator(".pager [role=status]");

/** Drafts with these 企业内部编号. */
async function drafts(page: Page, numbers: string[]): Promise<void> {
  for (const internal_no of numbers) {
    const head = { operator_code: "3205246018", processor_code: "3502166027", internal_no };
    await post(page, "document/save_head", { request: { id: crypto.randomUUID(), kind: "filing", base: 0, head } });
  }
}

async function openQuery(page: Page): Promise<void> {
  await page.goto("/filing");
  await expect(pager(page)).toContainText("共");
  await reach(page, field(page, "企业内部编号"));
}

test("paging, sorting and 导出 go on with what was asked, not with what is being typed", async ({ page }) => {
  await signIn(page);
  await drafts(page, ["Q1-A", "Q1-B", "Q1-C", "Q2-A"]);
  await openQuery(page);
  await enter(page, field(page, "企业内部编号"), "Q1");
  await activate(page, query(page));
  await expect(pager(page)).toContainText("共3条");
  await enter(page, field(page, "企业内部编号"), "Q2");
  await press(page, "Enter");
  await reach(page, page.getByRole("grid"));
  // Up from the first row lead the headings, where Enter sorts.
  const sorted = page.waitForRequest(LIST);
  for (const key of ["Home", "ArrowUp", "Enter"]) await press(page, key);
  expect((await sorted).postData()).toMatch(/"internal_no":"Q1".*"sort":"[a-z_]+"/);
  await expect(pager(page)).toContainText("共3条");
  const exported = page.waitForEvent("download");
  await activate(page, page.getByRole("toolbar", { name: "列表操作" }).getByRole("button", { name: "导出" }));
  expect(new URL((await exported).url()).searchParams.get("internal_no")).toBe("Q1");
});

test("a question that fails shows no line of the one before, and an answer that comes late counts no more", async ({ page }) => {
  await signIn(page);
  await drafts(page, ["L1-A", "L2-A"]);
  await openQuery(page);
  await enter(page, field(page, "企业内部编号"), "L1-A");
  await activate(page, query(page));
  await expect(pager(page)).toContainText("共1条");
  await page.route(LIST, (route) => route.fulfill({ status: 502, contentType: "text/html", body: "<html>bad gateway</html>" }));
  await enter(page, field(page, "企业内部编号"), "L2-A");
  await activate(page, query(page));
  await expect(failed(page)).toBeVisible();
  await expect(gridRows(page)).toHaveCount(0);
  await expect(pager(page)).toContainText("共0条");
  await page.unroute(LIST);
  await activate(page, failed(page).getByRole("button", { name: "重试" }));
  await expect(gridRows(page)).toContainText(["L2-A"]);

  await page.route(LIST, async (route) => {
    if (route.request().postData()?.includes("L1-A")) await new Promise((done) => setTimeout(done, 900));
    await route.continue();
  });
  await enter(page, field(page, "企业内部编号"), "L1-A");
  await press(page, "Enter");
  const late = page.waitForResponse((answer) => answer.request().postData()?.includes("L1-A") === true);
  await activate(page, query(page));
  await enter(page, field(page, "企业内部编号"), "L2-A");
  await activate(page, query(page));
  await late;
  await expect(gridRows(page)).toContainText(["L2-A"]);
});

test("a book that was deleted, or stored, is so in the list when one comes back to it", async ({ page }) => {
  test.slow();
  await savedBook(page, "HT-LIST-1");
  await activate(page, page.getByRole("navigation").getByRole("button", { name: "出境加工账册查询" }));
  await expect(gridRows(page).first()).toBeVisible();
  const before = await listed(page);
  expect(before).toBeGreaterThan(0);
  await press(page, "Alt+PageUp");
  await activate(page, page.locator(".action-bar:visible").getByRole("button", { name: "删除", exact: true }));
  await answer(page, page.locator("dialog[open]").getByRole("button", { name: "确定" }));
  await expect(page.getByText("删除成功！")).toBeVisible();
  await expect(page.getByRole("grid")).toBeVisible();
  await expect.poll(() => listed(page)).toBe(before - 1);
});

mouseTest("a click counts although the button moves away under it", async ({ page }) => {
  await signIn(page);
  await openQuery(page);
  const from = field(page, "录入日期从");
  await from.fill("abc");
  await field(page, "录入日期到").click();
  await expect(page.locator(".conditions .field-error")).toBeVisible();
  await from.fill("20260101");
  const place = await query(page).boundingBox();
  const asked = page.waitForRequest(LIST, { timeout: 5_000 });
  await page.mouse.move(place!.x + place!.width / 2, place!.y + 4);
  await page.mouse.down();
  await expect(page.locator(".conditions .field-error")).toHaveCount(0);
  await page.mouse.up();
  expect((await asked).postData()).toContain("2026-01-01");
});
