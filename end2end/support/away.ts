// What tests of working without the server share: a server that is killed, a browser whose profile outlives its process, and the
// sign-in that is asked for when the server is back.

import { type Page, expect, test as base } from "@playwright/test";
import { OwnBrowser } from "./browser.ts";
import { field, fillHead, gridRows, newBook, signIn, typeExport } from "./filing.ts";
import { press, reach, type } from "./keyboard.ts";
import { Server } from "./server.ts";

/** A server that a test may kill, and a browser whose profile outlives its process. */
export const test = base.extend<{ away: Server; own: OwnBrowser }>({
  away: async ({}, use) => {
    const server = await Server.start();
    await use(server);
    await server.dispose();
  },
  own: async ({}, use) => {
    const browser = await OwnBrowser.make();
    await use(browser);
    await browser.dispose();
  },
});

/** Said over a document that is shown without the server. */
export const AWAY = "离线：显示的是本机保存的数据";

/** The server is back and asks, over the work, who this is. */
export async function signInAgain(page: Page): Promise<void> {
  const relogin = page.locator("dialog.relogin");
  // The dialog opens a moment before the focus is in it.
  await expect(relogin.getByLabel("密码", { exact: true })).toBeFocused({ timeout: 20_000 });
  await type(page, "donglan-2026");
  await press(page, "Enter");
  await expect(relogin).toHaveCount(0);
}

/** A stored filing with one row, in front; its address. */
export async function storedFiling(page: Page, server: Server, contractNo: string): Promise<string> {
  await signIn(page, "donglan", "donglan-2026", server.url);
  await newBook(page);
  await fillHead(page, { contractNo });
  await expect(page.getByText("暂存成功！")).toBeVisible();
  await press(page, "Alt+2");
  await reach(page, field(page, "商品料号"));
  await typeExport(page, "8542311100", "BGA-1", "10", "2");
  await expect(gridRows(page)).toHaveCount(1);
  return page.url();
}
