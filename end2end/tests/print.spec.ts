// 打印: what comes out when a clerk prints, read by poppler and not by anything of ours. What would be
// lost: a line on the paper that goes into the file, or the mark that tells a draft from a filing.

import { execFileSync } from "node:child_process";
import { type Page, type Response, expect } from "@playwright/test";
import { expectNoAxeViolations } from "../support/axe.ts";
import { fillHead, gridRows, newBook, signIn, typeExport, typeReimport } from "../support/filing.ts";
import { activate, answer, press, reach } from "../support/keyboard.ts";
import { keyboardTest, test as mouseTest } from "../support/test.ts";

const WATERMARK = "未审核通过仅供核对";

/** The pages of a PDF as text without blanks, in the order of reading. */
function pages(pdf: Buffer): string[] {
  const text = execFileSync("pdftotext", ["-raw", "-enc", "UTF-8", "-", "-"], { input: pdf, encoding: "utf8" });
  return text.split("\f").map((page) => page.replace(/\s+/g, "")).filter((page) => page !== "");
}

/** Presses what prints; gives the PDF of the tab that opens. */
async function printed(page: Page, pressPrint: () => Promise<void>): Promise<{ response: Response; pdf: Buffer }> {
  const answered = page.context().waitForEvent("response", (response) => response.url().includes("/print/document/"));
  const opened = page.waitForEvent("popup");
  await pressPrint();
  const response = await answered;
  const tab = await opened;
  // Read again by the same session: the browser hands its copy to its viewer.
  const again = await page.request.get(response.url());
  expect(again.status()).toBe(200);
  await tab.close();
  return { response, pdf: await again.body() };
}

async function saved(page: Page): Promise<void> {
  await expect(page.getByText("暂存成功！").first()).toBeVisible();
}

keyboardTest("a draft and the approved book on paper, by keyboard", async ({ page }) => {
  keyboardTest.slow();
  await signIn(page);
  await newBook(page);
  await fillHead(page, { contractNo: "HT-打印-䥽𠮷" });
  await saved(page);
  await press(page, "Alt+2");
  await typeExport(page, "8542311100", "BGA-256", "1,000", "2.5");
  await expect(gridRows(page)).toHaveCount(1);
  await typeExport(page, "8541100000", "TO-220", "500", "1.25");
  await expect(gridRows(page)).toHaveCount(2);
  await press(page, "Alt+3");
  await typeReimport(page, "8542311100", "BGA-256T", "1000", "2500");
  await expect(gridRows(page)).toHaveCount(1);

  const draft = await printed(page, () => press(page, "Control+p"));
  expect(draft.response.status()).toBe(200);
  expect(draft.response.headers()["content-type"]).toBe("application/pdf");
  expect(decodeURIComponent(draft.response.headers()["content-disposition"] ?? "")).toContain("inline");
  const drafted = pages(draft.pdf);
  const text = drafted.join("");
  for (const words of [
    "数据状态暂存",
    "打印人沈知远",
    "HT-打印-䥽𠮷",
    "3205246018",
    "东澜精密电子（苏州）有限公司",
    "海禾服饰（厦门）有限公司",
    "MekongPackagingCo.,Ltd",
    "晶圆出境封装、测试后复运进境，形态为集成电路",
    "12500.5",
    "BGA-256",
    "TO-220",
    "BGA-256T",
    "3125", // 1,000 × 2.5 + 500 × 1.25
    "SHA-256",
  ]) {
    expect(text).toContain(words);
  }
  drafted.forEach((one, at) => {
    expect(one).toContain(WATERMARK);
    expect(one).toContain(`第${at + 1}页，共${drafted.length}页`);
  });
  await expectNoAxeViolations(page, "a book that was printed");

  // Typed and not saved: said, and not on the paper.
  await reach(page, page.getByLabel("备注", { exact: true }).and(page.locator("input:visible, textarea:visible")));
  await page.keyboard.insertText("没有暂存的话");
  const dirty = await printed(page, async () => {
    await press(page, "Control+p");
    await expect(page.getByText("打印的是最近一次暂存的内容").first()).toBeVisible();
  });
  expect(pages(dirty.pdf).join("")).not.toContain("没有暂存的话");
  await press(page, "Escape");

  await press(page, "Control+Shift+Enter");
  // It comes after the head was saved, so the first keys of a burst do not answer it.
  await expect(page.locator("dialog[open]")).toContainText("是否确认申报");
  await answer(page, page.locator("dialog[open]").getByRole("button", { name: "确定" }));
  await expect(page.locator(".document-status")).toContainText("海关终审通过");
  const approved = await printed(page, async () => {
    await activate(page, page.getByRole("button", { name: "打印" }));
  });
  const final = pages(approved.pdf).join("");
  expect(final).toContain("数据状态海关终审通过");
  expect(final).toMatch(/最近回执\d{4}-\d{2}-\d{2}.*审核通过/);
  expect(final).toMatch(/账册编号P2300\dW\d{5}/);
  expect(final).not.toContain(WATERMARK);
});

keyboardTest("a head alone prints, from the book and from the list; a book not saved says so", async ({ page }) => {
  keyboardTest.slow();
  await signIn(page);
  await newBook(page);
  await expect(page.getByRole("button", { name: "打印" })).toBeDisabled();
  await press(page, "Control+p");
  await expect(page.getByText("请先暂存，再打印").first()).toBeVisible();
  await fillHead(page, { contractNo: "HT-EMPTY" });
  await saved(page);
  const { pdf } = await printed(page, () => press(page, "Control+p"));
  const text = pages(pdf).join("");
  expect(text).toContain("HT-EMPTY");
  for (const list of ["出口货物", "复进口货物", "随附单据"]) expect(text).toContain(`${list}（无）`);
  expect(text).toContain("（尚无回执）");

  await page.goto("/filing");
  await expect(gridRows(page).first()).toBeVisible();
  await reach(page, page.getByRole("grid"));
  await press(page, "Home");
  const listed = await printed(page, () => activate(page, page.getByRole("button", { name: "打印" })));
  expect(listed.pdf.subarray(0, 5).toString()).toBe("%PDF-");
  await expectNoAxeViolations(page, "list after printing");
});

mouseTest("forty rows are on the paper, each once, under repeated headings", async ({ page, server }) => {
  mouseTest.slow();
  await signIn(page);
  await newBook(page);
  await fillHead(page, { contractNo: "HT-ROWS" });
  await saved(page);
  const book = /[0-9a-f-]{36}/.exec(page.url())?.[0];
  const puts = Array.from({ length: 40 }, (_, at) => ({
    row_id: crypto.randomUUID(), base: 0, seq: 0,
    content: { hs_code: "8542399000", goods_name: `第${at + 1}号晶粒终`, spec_model: "12英寸", qty: "1" },
  }));
  const answer = await page.request.post(`${server.url}/api/document/save_rows`, {
    data: { request: { document_id: book, section: "exports", puts, removes: [] } },
    headers: { "Sec-Fetch-Site": "same-origin" },
  });
  expect(answer.status(), await answer.text()).toBe(200);
  await page.reload();
  await expect(page.getByRole("tab", { name: /出口货物/ })).toContainText("40");
  const { pdf } = await printed(page, () => page.getByRole("button", { name: "打印" }).click());
  const all = pages(pdf);
  expect(all.length).toBeGreaterThan(2);
  const text = all.join("");
  for (let at = 1; at <= 40; at += 1) expect(text.split(`第${at}号晶粒终`)).toHaveLength(2);
  for (const one of all.filter((one) => one.includes("号晶粒终"))) expect(one).toContain("商品料号");
});

mouseTest("a paper is not for strangers, and a tab without a session says what to do", async ({ page, browser, server }) => {
  await signIn(page);
  await newBook(page);
  await fillHead(page, { contractNo: "HT-MINE" });
  await saved(page);
  const { response } = await printed(page, () => page.getByRole("button", { name: "打印" }).click());
  const other = await browser.newContext({ baseURL: server.url });
  const stranger = await other.newPage();
  await stranger.goto(response.url());
  await expect(stranger.locator("body")).toContainText("登录");
  await signIn(stranger, "haihe", "haihe-2026");
  const refused = await stranger.goto(response.url());
  expect(refused?.status()).toBe(403);
  await other.close();
});
