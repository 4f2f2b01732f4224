// Entries and the ledger with a mouse: found by their number, from the list to the ledger to the lines and back to the
// entry; what comes out of it as files and on paper.

import { approvedBook } from "../support/entry.ts";
import { field, gridRows, listed, signIn } from "../support/filing.ts";
import { newId, post } from "../support/list.ts";
import { expect, test } from "../support/test.ts";
import type { Download, Page } from "@playwright/test";
import { readFileSync } from "node:fs";

/** An entry that was registered, made through the server's own interface. */
async function registered(page: Page, bookNo: string, kind: "entry_export" | "entry_import", number: string, row: Record<string, string>): Promise<string> {
  const id = newId();
  const head = {
    manual_no: bookNo, origin: "2", registered_no: number, master_customs: "2300", ie_port: "2300", ie_date: "2026-11-20",
    overseas_name: "Mekong Packaging", traf_mode: "2", owner_code: "3205246018", declarant_code: "3205246018",
    contract_no: "HT-2026-001", trade_area: "VNM", trade_country: "VNM", wrap_type: "22", pack_no: "1", gross_wt: "2",
    net_wt: "1", trans_mode: "3", currency: "USD", share_by: "1",
  };
  await post(page, "document/save_head", { request: { id, kind, base: 0, head } });
  const content = {
    goods_seq: "1", hs_code: "8542399000", goods_name: "集成电路", spec_model: "S-1", unit: "007", legal_unit: "007",
    legal_qty2: "1", origin_country: "CHN", district: "32013", ...row,
  };
  const puts = [{ row_id: crypto.randomUUID(), base: 0, seq: 0, content }];
  const saved = (await post(page, "document/save_rows", { request: { document_id: id, section: "items", puts, removes: [] } })) as {
    meta: { version: number };
  };
  await post(page, "document/declare", { step: { id, base: saved.meta.version } });
  return id;
}

async function saved(page: Page, press: () => Promise<void>): Promise<Download> {
  const download = page.waitForEvent("download");
  await press();
  return download;
}

test("from the list to the ledger, its lines, and back to the entry", async ({ page }) => {
  await signIn(page);
  const { bookNo } = await approvedBook(page);
  const serial = String(Date.now()).slice(-9);
  const out = `230020260${serial}`;
  const back = `230020261${serial}`;
  await registered(page, bookNo, "entry_export", out, { qty: "10", legal_qty: "10", total_price: "25", dest_country: "VNM" });
  await registered(page, bookNo, "entry_import", back, {
    qty: "4", legal_qty: "4", original_value: "20", fee_processing: "3.5", dest_country: "CHN", spec_model: "T-1",
  });

  // One list of both directions, which can be asked for one alone.
  await page.getByRole("navigation").getByRole("button", { name: "报关单查询" }).click();
  await field(page, "报关单号").fill(serial);
  await page.getByRole("button", { name: "查询", exact: true }).click();
  await expect.poll(() => listed(page)).toBe(2);
  await expect(gridRows(page).filter({ hasText: back })).toContainText("进口");
  await expect(page.getByRole("columnheader", { name: "出境关别/进境关别" })).toBeVisible();
  await field(page, "单据种类").fill("1");
  await page.getByRole("button", { name: "查询", exact: true }).click();
  await expect.poll(() => listed(page)).toBe(1);
  await gridRows(page).first().click();
  // What belongs to books alone is not offered.
  await expect(page.getByRole("button", { name: "变更记录" })).toBeHidden();
  await page.getByRole("button", { name: "台账" }).click();
  await expect(page.getByRole("heading", { name: `台账 ${bookNo}` })).toBeVisible();
  await expect(page.locator(".ledger-figures")).toContainText("尚可用全免金额5 USD");
  const rows = page.getByRole("grid", { name: "商品", exact: true }).getByRole("row");
  await rows.filter({ hasText: "T-1" }).dblclick();
  await expect(page.locator("#ledger-lines h2")).toHaveText("复进口全免 商品序号1 的明细");
  await page.getByRole("button", { name: "征税明细" }).click();
  const lines = page.getByRole("grid", { name: "台账明细" }).getByRole("row");
  await expect(lines.filter({ hasText: "核注" })).toHaveCount(1);
  await expect(lines.filter({ hasText: "核注" })).toContainText("3.5");

  const book = await saved(page, () => page.locator(".ledger").getByRole("button", { name: "导出" }).click());
  expect(book.suggestedFilename()).toBe(`台账-${bookNo}.xlsx`);
  await lines.filter({ hasText: "核注" }).dblclick();
  await expect(page.locator(".document-status:visible")).toContainText("海关终审通过");
  await page.getByRole("tab", { name: /商品项/ }).click();
  await expect(gridRows(page)).toHaveCount(2);
  const xml = await saved(page, () => page.getByRole("button", { name: "导出XML" }).click());
  const content = readFileSync(await xml.path(), "utf8");
  expect(content).toContain(`<entryId>${back}</entryId>`);
  expect(content).toContain("<gQty>0.1</gQty>");
  // A reload opens the ledger where it was.
  await page.getByRole("tab", { name: `台账 ${bookNo}` }).click();
  await page.reload();
  await expect(page.getByRole("heading", { name: `台账 ${bookNo}` })).toBeVisible();
});
