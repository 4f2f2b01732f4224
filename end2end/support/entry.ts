// 通关: an approved book made through the server's own interface, and entries typed as a clerk types them.

import { type Page, expect } from "@playwright/test";
import { field, typeAlong } from "./filing.ts";
import { activate, press, reach } from "./keyboard.ts";
import { goods, newId, post } from "./list.ts";

const HEAD = {
  operator_code: "3205246018", processor_code: "3502166027", declarant_code: "3205246018", declarant_type: "1",
  master_customs: "2300", contract_no: "HT-2026-001", foreign_processor_name: "Mekong Packaging", process_country: "VNM",
  currency: "USD", contact_name: "沈知远", contact_mobile: "13800138000", process_desc: "晶圆出境封装、测试后复运进境",
};

/** A filing with two exports and three goods that come back, ready to be declared. */
export async function readyBook(page: Page): Promise<string> {
  const id = newId();
  await post(page, "document/save_head", { request: { id, kind: "filing", base: 0, head: HEAD } });
  const puts = (rows: Record<string, string>[]) =>
    rows.map((content) => ({ row_id: crypto.randomUUID(), base: 0, seq: 0, content }));
  const exported = [goods(1000), goods(500)];
  const back = [1, 2, 3].map((number) => {
    const { dest_country: _, ...row } = goods(100);
    return { ...row, spec_model: `T-${number}`, original_value: "400", fee_processing: "50" };
  });
  for (const [section, rows] of [["exports", exported], ["reimports", back]] as const) {
    await post(page, "document/save_rows", { request: { document_id: id, section, puts: puts(rows), removes: [] } });
  }
  return id;
}

/** The same, approved by customs. Its number, and its document. */
export async function approvedBook(page: Page): Promise<{ id: string; bookNo: string }> {
  const id = await readyBook(page);
  const { meta } = (await post(page, "document/get", { id })) as { meta: { version: number } };
  await post(page, "document/declare", { step: { id, base: meta.version } });
  let bookNo = "";
  await expect
    .poll(async () => {
      const { head } = (await post(page, "document/get", { id })) as { head: { book_no?: string } };
      return (bookNo = head.book_no ?? "");
    })
    .not.toBe("");
  return { id, bookNo };
}

/** Opens a new entry from the menu; the keys stand in 备案号. */
export async function newEntry(page: Page, way: "出口" | "进口"): Promise<void> {
  await activate(page, page.getByRole("navigation").getByRole("button", { name: `出境加工报关单(${way})` }));
  await reach(page, field(page, "备案号"));
}

/** Fills the head of an export entry from 备案号 on; Enter in 备注 saves it. */
export async function fillExportHead(page: Page, bookNo: string): Promise<void> {
  await typeAlong(page, [bookNo, "", "", "", "2300", "2300", "20261120", "Mekong Packaging", "2", "COSCO 001E", "BL-1"]);
  await typeAlong(page, ["3205246018", "", "", "HT-2026-001", "VNM", "VNM", "", "", "22", "3", "12", "10", "3"]);
  await typeAlong(page, ["", "", "", "", "", "", "", "", "", "", ""]); // 运保杂, 币制, 汇率
  await press(page, "Control+Enter");
}

/** Fills the head of a re-import; `freight`: one bill for all rows. */
export async function fillImportHead(page: Page, bookNo: string, freight = ""): Promise<void> {
  await typeAlong(page, [bookNo, "", "", "", "2300", "2300", "20261125", "Mekong Packaging", "2", "COSCO 002W", "BL-2"]);
  await typeAlong(page, ["3205246018", "", "", "HT-2026-001", "VNM", "VNM", "", "", "", "", "22", "3", "12", "10", "1"]);
  await typeAlong(page, ["", "", "", "", "", "", "", "", "", "", ""]);
  if (freight !== "") {
    // A burst is struck key by key: what comes next is reached when it has arrived.
    await expect(field(page, "费用分摊方式")).toBeFocused();
    await reach(page, field(page, "整票运输及相关费用"));
    await typeAlong(page, [freight]);
  }
  await press(page, "Control+Enter");
}

/** 申报, and the answer to its question. */
export async function declareEntry(page: Page, sure = "是否确认申报"): Promise<void> {
  await press(page, "Control+Shift+Enter");
  await expect(page.locator("dialog[open]")).toContainText(sure);
  await page.waitForTimeout(600);
  await press(page, "Enter");
}

/** An entry made through the server's own interface, declared and let pass. Its number. */
export async function bookedEntry(page: Page, bookNo: string, way: "export" | "import", row: Record<string, string>): Promise<string> {
  const id = newId();
  const head = {
    manual_no: bookNo, origin: "1", master_customs: "2300", ie_port: "2300", ie_date: "2026-11-20", overseas_name: "Mekong Packaging",
    traf_mode: "2", owner_code: "3205246018", declarant_code: "3205246018", contract_no: "HT-2026-001", trade_area: "VNM",
    trade_country: "VNM", wrap_type: "22", pack_no: "3", gross_wt: "12", net_wt: "10", trans_mode: "3", currency: "USD", share_by: "1",
  };
  await post(page, "document/save_head", { request: { id, kind: `entry_${way}`, base: 0, head } });
  const content = {
    hs_code: "8542399000", goods_name: "集成电路", spec_model: "S-1000", unit: "007", legal_unit: "007", legal_qty: row.qty, legal_qty2: "1",
    origin_country: "CHN", dest_country: way === "export" ? "VNM" : "CHN", district: "32013", ...row,
  };
  const puts = [{ row_id: crypto.randomUUID(), base: 0, seq: 0, content }];
  const saved = (await post(page, "document/save_rows", { request: { document_id: id, section: "items", puts, removes: [] } })) as Meta;
  await post(page, "document/declare", { step: { id, base: saved.meta.version } });
  let number = "";
  await expect
    .poll(async () => {
      const { head } = (await post(page, "document/get", { id })) as { head: { entry_no?: string } };
      return (number = head.entry_no ?? "");
    })
    .not.toBe("");
  return number;
}

interface Meta {
  meta: { version: number };
}
