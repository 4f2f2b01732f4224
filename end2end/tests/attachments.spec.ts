// The papers of a filing, with the papers that customs demands by default: chosen, saved, uploaded,
// looked at, fetched again, interrupted and gone on with, and read by customs.

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Page, expect } from "@playwright/test";
import { expectNoAxeViolations } from "../support/axe.ts";
import { field, fillHead, gridRows, newBook, signIn, typeOneOfEach } from "../support/filing.ts";
import { activate, answer, enter, press, reach, retype } from "../support/keyboard.ts";
import { pdf } from "../support/papers.ts";
import { Server } from "../support/server.ts";
import { keyboardTest, test as mouseTest } from "../support/test.ts";

const PICTURES = process.env.OPBOOK_PICTURES;
const folder = mkdtempSync(join(tmpdir(), "opbook-papers-"));

mouseTest.afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A red square. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==",
  "base64",
);

function file(name: string, content: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** 文件选择 by its key; the chooser itself is the operating system's. */
async function choose(page: Page, ...paths: string[]): Promise<void> {
  // Waited for from here on: asked for with the key, the browser hears of it after the key.
  const chooser = page.waitForEvent("filechooser");
  await reach(page, page.getByRole("button", { name: "文件选择" }));
  await press(page, "Enter");
  await (await chooser).setFiles(paths);
}

async function openAttachments(page: Page): Promise<void> {
  await press(page, "Alt+4");
  await reach(page, field(page, "随附单证类型"));
}

async function savedBook(page: Page, contractNo: string): Promise<void> {
  await newBook(page);
  await fillHead(page, { contractNo });
  await expect(page.getByText("暂存成功！").first()).toBeVisible();
}

const rows = gridRows;

keyboardTest("a filing with its papers, without a mouse, until customs approves", async ({ page }) => {
  keyboardTest.slow();
  const server = await Server.start({ env: { OPBOOK_REQUIRED_ATTACHMENTS: "contract,process,picture" } });
  try {
    await signInAt(page, server.url);
    await savedBook(page, "HT-PAPERS");
    await typeOneOfEach(page, "BGA-256", "100", "200");

    // Declaring without the papers leads to them.
    await press(page, "Control+Shift+Enter");
    await expect(field(page, "随附单证类型")).toBeFocused();
    await expect(page.getByText("缺少随附单据“出境加工合同”").first()).toBeVisible();

    const contract = pdf("CONTRACT");
    await choose(page, file("出境加工合同.pdf", contract));
    await expect(field(page, "随附单证类型")).toHaveValue(/01/);
    await expect(field(page, "文件名称")).toHaveValue("出境加工合同.pdf");
    await expectNoAxeViolations(page, "a chosen file");
    // About an item that is in neither list: said at once, not by customs.
    await enter(page, field(page, "表体商品序号"), "9");
    await press(page, "Control+Enter");
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page).first()).toContainText("待上传");
    const lost = page.getByText("第1项随附单据的表体商品序号9不存在").first();
    await expect(lost).toBeVisible();
    await activate(page, page.getByRole("button", { name: "随附单据第1项 表体商品序号" }));
    await expect(field(page, "表体商品序号")).toBeFocused();
    await expect(field(page, "表体商品序号")).toHaveValue("9");
    await retype(page, "1");
    await press(page, "Control+Enter");
    await expect(lost).toBeHidden();
    // Two kinds at once: none is offered for both, each gets its own by its name.
    await choose(page, file("生产工艺.pdf", pdf("PROCESS")), file("照片.png", PNG));
    await expect(page.getByText("新增2项")).toBeVisible();
    await reach(page, field(page, "随附单证类型"));
    await expect(field(page, "随附单证类型")).toHaveValue("");
    await press(page, "Control+Enter");
    await expect(rows(page)).toHaveCount(3);
    await expect(rows(page).filter({ hasText: "03-货物图片或样品" })).toContainText("照片.png");

    await activate(page, page.getByRole("button", { name: "上传", exact: true }));
    await expect(page.getByText("上传成功！")).toBeVisible();
    // The two that were saved last are marked; once they are up, the key uploads what still waits.
    await activate(page, page.getByRole("button", { name: "上传", exact: true }));
    await expect(rows(page).filter({ hasText: "已上传" })).toHaveCount(3);
    await expect(rows(page).first()).toContainText(createHash("sha256").update(contract).digest("hex").slice(0, 10));
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/attachments.png` });
    await expectNoAxeViolations(page, "uploaded attachments");

    await press(page, "Control+Shift+Enter");
    await expect(page.getByRole("dialog")).toContainText("是否确认申报");
    await press(page, "Enter");
    await expect(page.locator(".document-status")).toContainText("海关终审通过");

    // What customs decided on can be read, not changed.
    await press(page, "Alt+4");
    await expect(page.getByRole("button", { name: "文件选择" })).toBeDisabled();
    await reach(page, page.locator('[role="grid"]:visible').first());
    await press(page, "Home");
    const saved = page.waitForEvent("download");
    await activate(page, page.getByRole("button", { name: "下载" }));
    const download = await saved;
    expect(download.suggestedFilename()).toBe("出境加工合同.pdf");
    expect(readFileSync(await download.path()).equals(contract)).toBe(true);
  } finally {
    await server.dispose();
  }
});

/** Signs in on a server of the test's own. */
async function signInAt(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(field(page, "用户名")).toBeFocused();
  await page.keyboard.type("donglan");
  await press(page, "Tab");
  await page.keyboard.type("donglan-2026");
  await press(page, "Enter");
  await expect(page.getByRole("button", { name: "退出" })).toBeVisible();
}

mouseTest("files are dropped, looked at and deleted; wrong ones are refused with the reason", async ({ page }) => {
  mouseTest.slow();
  await signIn(page);
  await savedBook(page, "HT-DROP");
  await openAttachments(page);
  const dropped = await page.evaluateHandle(
    (files) => {
      const transfer = new DataTransfer();
      for (const { name, content } of files) {
        const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name));
      }
      return transfer;
    },
    [
      { name: "照片.png", content: PNG.toString("base64") },
      { name: "合同.docx", content: Buffer.from("PK\u0003\u0004 docx").toString("base64") },
      { name: "假的.pdf", content: Buffer.from("<script>alert(1)</script>").toString("base64") },
      { name: "空的.pdf", content: "" },
    ],
  );
  await page.dispatchEvent(".attachments", "dragover", { dataTransfer: dropped });
  await expect(page.locator(".attachments")).toHaveClass(/dragged/);
  await page.dispatchEvent(".attachments", "drop", { dataTransfer: dropped });
  await expect(page.getByText("文件“合同.docx”的内容是Office文档").first()).toBeVisible();
  await expect(page.getByText("文件“假的.pdf”的内容是网页").first()).toBeVisible();
  await expect(page.getByText("文件“空的.pdf”是空的").first()).toBeVisible();
  await expect(field(page, "文件名称")).toHaveValue("照片.png");
  await page.getByRole("button", { name: "暂存" }).last().click();
  await choose(page, file("工艺.pdf", pdf("PROCESS STEP")));
  await page.getByRole("button", { name: "暂存" }).last().click();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole("button", { name: "上传", exact: true }).click();
  await expect(rows(page).filter({ hasText: "已上传" })).toHaveCount(1);
  await page.getByRole("button", { name: "上传", exact: true }).click();
  await expect(rows(page).filter({ hasText: "已上传" })).toHaveCount(2);

  await rows(page).first().click();
  await page.getByRole("button", { name: "预览" }).click();
  const picture = page.getByRole("dialog").getByRole("img", { name: "照片.png" });
  await expect(picture).toBeVisible();
  expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(2);
  await expectNoAxeViolations(page, "a picture looked at");
  await press(page, "Escape");

  await rows(page).nth(1).click();
  const shown = page.waitForResponse((response) => response.url().endsWith("/preview"));
  await page.getByRole("button", { name: "预览" }).click();
  expect((await shown).headers()["content-type"]).toBe("application/pdf");
  await expect(page.getByRole("dialog").locator("iframe")).toBeVisible();
  if (PICTURES) {
    await page.waitForTimeout(1500);
    await page.screenshot({ path: `${PICTURES}/attachment-preview.png` });
  }
  await press(page, "Escape");

  await page.getByRole("button", { name: "删除" }).last().click();
  await expect(page.getByRole("dialog")).toContainText("是否删除第2项随附单据");
  await answer(page, page.getByRole("dialog").getByRole("button", { name: "确定" }));
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole("button", { name: "新增" }).last().click();
  await expect(field(page, "文件名称")).toHaveValue("");
});

keyboardTest("a paper is looked at, listed, deleted and begun anew, without a mouse", async ({ page }) => {
  keyboardTest.slow();
  await signIn(page);
  await savedBook(page, "HT-KEYS");
  await openAttachments(page);
  await choose(page, file("工艺-键盘.pdf", pdf("KEYS")));
  await press(page, "Control+Enter");
  await expect(rows(page).first()).toContainText("待上传");
  await press(page, "Alt+u");
  await expect(rows(page).first()).toContainText("已上传");

  await reach(page, page.locator('[role="grid"]:visible').first());
  await press(page, "Home");
  await activate(page, page.getByRole("button", { name: "预览" }));
  await expect(page.getByRole("dialog").locator("iframe")).toBeVisible();
  await press(page, "Escape");
  await expect(page.getByRole("dialog")).toBeHidden();

  const [workbook] = await Promise.all([
    page.waitForEvent("download"),
    activate(page, page.getByRole("button", { name: "导出", exact: true })),
  ]);
  expect(workbook.suggestedFilename()).toBe("随附单据.xlsx");
  expect(readFileSync(await workbook.path()).subarray(0, 2).toString()).toBe("PK");

  await reach(page, page.locator('[role="grid"]:visible').first());
  await press(page, "Delete");
  await expect(page.getByRole("dialog")).toContainText("是否删除第1项随附单据");
  await answer(page, page.getByRole("dialog").getByRole("button", { name: "确定" }));
  await expect(rows(page)).toHaveCount(0);
  await choose(page, file("工艺-二.pdf", pdf("AGAIN")));
  await expect(field(page, "文件名称")).toHaveValue("工艺-二.pdf");
  // Chosen and not stored: not forgotten without a word.
  await press(page, "Alt+n");
  await activate(page, page.getByRole("dialog").getByRole("button", { name: "放弃" }));
  await expect(field(page, "文件名称")).toHaveValue("");
  await expect(field(page, "随附单证类型")).toBeFocused();
});

keyboardTest.describe("over a bad line", () => {
  keyboardTest.use({ tolerated: /Failed to (fetch|load)/ });

  keyboardTest("an upload survives a server that goes away, and goes on after a reload", async ({ page }) => {
    keyboardTest.slow();
    const server = await Server.start();
    try {
      await signInAt(page, server.url);
      await savedBook(page, "HT-LINE");
      await openAttachments(page);
      // Pieces take their time, so that there is a middle to stop in.
      await page.route("**/pieces?**", async (route) => {
        await new Promise((done) => setTimeout(done, 250));
        await route.continue();
      });
      const content = pdf("LONG", 14_000_000);
      const path = file("合同-长.pdf", content);
      await choose(page, path);
      await press(page, "Control+Enter");
      await expect(rows(page).first()).toContainText("待上传");
      await press(page, "Alt+U");
      await expect(page.getByText(/正在上传 (1|2|3|4)\d%/)).toBeVisible();
      await server.kill();
      await expect(page.getByText("网络中断，正在重试")).toBeVisible();
      await server.restart();
      await expect(page.getByText(/正在上传 [5-9]\d%/)).toBeVisible({ timeout: 30_000 });
      await activate(page, page.getByRole("button", { name: "停止" }));
      await expect(page.getByText("已停止")).toBeVisible();

      await page.reload();
      await expect(page.locator(".document-status")).toContainText("暂存", { timeout: 30_000 });
      await press(page, "Alt+4");
      await expect(rows(page).first()).toContainText("待上传");
      const pieces: string[] = [];
      page.on("request", (request) => {
        if (request.url().includes("/pieces?")) pieces.push(request.url());
      });
      await choose(page, path);
      await expect(page.getByText("将从断点继续").first()).toBeVisible();
      await press(page, "Alt+U");
      await expect(rows(page).first()).toContainText("已上传", { timeout: 30_000 });
      expect(pieces.length).toBeLessThan(10);
      expect(pieces[0]).not.toContain("start=0&");
      await reach(page, page.locator('[role="grid"]:visible').first());
      await press(page, "Home");
      const saved = page.waitForEvent("download");
      await activate(page, page.getByRole("button", { name: "下载" }));
      expect(readFileSync(await (await saved).path()).equals(content)).toBe(true);
    } finally {
      await server.dispose();
    }
  });
});
