// What the manual says and no other spec can reach from the screen alone: the right captcha (manual line 135), and in which states
// 删除 is there (line 240). If one fails, nobody gets in, or what customs has is deleted.

import { createHash } from "node:crypto";
import type { Page } from "@playwright/test";
import { field, signIn } from "../support/filing.ts";
import { press, type } from "../support/keyboard.ts";
import { newId, post } from "../support/list.ts";
import { Server } from "../support/server.ts";
import { expect, keyboardTest as test } from "../support/test.ts";

const whole = (page: Page, name: string) => page.locator(".action-bar:visible").getByRole("button", { name, exact: true });
const status = (page: Page) => page.locator(".document-status:visible");

test("验证码: the right answer lets in, in small letters too", async ({ page }) => {
  const server = await Server.start({ env: { OPBOOK_CAPTCHA: "on" } });
  try {
    const issued = page.waitForResponse("**/api/account/captcha");
    await page.goto(server.url);
    const { id } = (await (await issued).json()) as { id: string };
    // The answer is known to nobody but the picture: another one is stored for it.
    await server.sql("UPDATE captcha SET answer = ? WHERE id = ?", createHash("sha256").update(`${id}/QK7MX`).digest("hex"), id);
    await expect(field(page, "用户名")).toBeFocused();
    for (const text of ["donglan", "donglan-2026", "qk7mx"]) {
      await type(page, text);
      await press(page, text === "qk7mx" ? "Enter" : "Tab");
    }
    await expect(page.getByRole("button", { name: "退出" })).toBeVisible();
    // The page goes on fetching its parts: it leaves before its server does.
    await page.goto("about:blank");
  } finally {
    await server.dispose();
  }
});

const STATES: [code: string, name: string, mayDelete: boolean][] = [
  ["0", "暂存", true],
  ["2", "申报失败", true],
  ["1", "申报成功", false],
  ["4", "成功发送海关", false],
  ["5", "海关入库成功", false],
  ["6", "海关入库失败", true],
  ["T", "转人工", false],
  ["C", "海关退单", true],
  ["B", "海关终审通过", false],
];

test("删除 is there in 暂存, 申报失败, 海关入库失败 and 海关退单, and in no other state", async ({ page }) => {
  test.setTimeout(120_000);
  const server = await Server.start();
  try {
    await signIn(page, "donglan", "donglan-2026", server.url);
    const id = newId();
    const head = { operator_code: "3205246018", processor_code: "3502166027", internal_no: "NB-STATES" };
    await post(page, "document/save_head", { request: { id, kind: "filing", base: 0, head } });
    for (const [code, name, mayDelete] of STATES) {
      await server.sql("UPDATE document SET status = ? WHERE id = ?", code, id);
      await page.goto(`${server.url}/filing/${id}`);
      await expect(status(page)).toContainText(name);
      await expect(whole(page, "删除"), name)[mayDelete ? "toBeEnabled" : "toBeDisabled"]();
    }
  } finally {
    await server.dispose();
  }
});
