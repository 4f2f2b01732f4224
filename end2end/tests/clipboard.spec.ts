// What other programs put on the clipboard: a table as a web page without text, a picture. Taken for something else, the
// first was lost and the second emptied the cell it was pasted into.

import { press, reach } from "../support/keyboard.ts";
import { signIn } from "../support/filing.ts";
import { activeInput, openList, stored, toColumn } from "../support/list.ts";
import { expect, keyboardTest as test } from "../support/test.ts";

type Page = import("@playwright/test").Page;

test.use({ permissions: ["clipboard-read", "clipboard-write"] });
test.beforeEach(async ({ page }) => signIn(page));

const preview = (page: Page) => page.getByRole("dialog", { name: "粘贴预览" });

/** Puts something on the clipboard that is no text. */
async function copy(page: Page, kind: string, base64: string): Promise<void> {
  await page.evaluate(async ({ kind, base64 }) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    await navigator.clipboard.write([new ClipboardItem({ [kind]: new Blob([bytes], { type: kind }) })]);
  }, { kind, base64 });
}

test("a table of a web page is pasted as a table, although it comes without text", async ({ page }) => {
  const id = await openList(page, 3);
  await toColumn(page, "spec_model");
  const table = "<table><tr><td>甲</td><td>千克</td></tr><tr><td>乙 &amp; 丙</td><td>个</td></tr></table>";
  await copy(page, "text/html", Buffer.from(table).toString("base64"));
  await press(page, "Control+v");
  await expect(preview(page)).toContainText("正确4格，有误0格");
  await press(page, "Enter");
  await expect(preview(page)).toHaveCount(0);
  await expect.poll(async () => (await stored(page, id)).map(({ content }) => [content["spec_model"], content["declare_unit"]]))
    .toEqual([["甲", "035"], ["乙 & 丙", "007"], ["S-3", "007"]]);
});

test("a picture changes nothing, and that is said", async ({ page }) => {
  const id = await openList(page, 2);
  await toColumn(page, "spec_model");
  await copy(page, "image/png", "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==");
  await press(page, "Control+v");
  await expect(page.getByText("剪贴板中没有文字（可能是图片），未粘贴。").first()).toBeVisible();
  await expect(activeInput(page)).toHaveValue("S-1");
  await reach(page, page.getByRole("button", { name: "退出" }), "Shift+Tab");
  expect((await stored(page, id)).map(({ content }) => content["spec_model"])).toEqual(["S-1", "S-2"]);
});
