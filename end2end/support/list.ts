// Lists of goods to type into: a book with rows made through the server's own interface, the active
// cell, the clipboard, the input method.

import { type CDPSession, type Locator, type Page, expect } from "@playwright/test";
import { field } from "./filing.ts";
import { press, reach } from "./keyboard.ts";

/** Posts to a server function as the page does, with the page's session. */
export async function post(page: Page, path: string, body: unknown): Promise<unknown> {
  const { status, text } = await page.evaluate(
    async ({ path, body }) => {
      const answer = await fetch(`/api/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify(body),
      });
      return { status: answer.status, text: await answer.text() };
    },
    { path, body },
  );
  expect(status, text).toBe(200);
  return JSON.parse(text);
}

/** An export row that could be declared. */
export function goods(number: number): Record<string, string> {
  const qty = String(number);
  return {
    material_no: `M-${number}`, hs_code: "8542399000", goods_name: "集成电路", spec_model: `S-${number}`,
    declare_unit: "007", legal_unit: "007", qty, legal_qty: qty, legal_qty2: "1", unit_price: "2.5",
    currency: "USD", origin_country: "CHN", dest_country: "VNM",
  };
}

/** An id in the order of time, as the program makes them: the newest book is the first in the query list. */
export function newId(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

/** A saved book with so many export rows (and re-import rows), opened at its list; the keys stand in the first cell. */
export async function openList(page: Page, rows: number, url = "", reimports = 0): Promise<string> {
  const id = newId();
  const head = { operator_code: "3205246018", processor_code: "3502166027", currency: "USD", process_country: "VNM" };
  await post(page, "document/save_head", { request: { id, kind: "filing", base: 0, head } });
  for (const [section, count] of [["exports", rows], ["reimports", reimports]] as const) {
    const puts = Array.from({ length: count }, (_, index) => ({
      row_id: crypto.randomUUID(), base: 0, seq: 0, content: goods(index + 1),
    }));
    if (count > 0) await post(page, "document/save_rows", { request: { document_id: id, section, puts, removes: [] } });
  }
  await page.goto(`${url}/filing/${id}`);
  await expect(page.getByRole("tab", { name: /出口货物/ })).toBeVisible();
  await reach(page, field(page, "主管海关"));
  await press(page, "Alt+2");
  await expect(grid(page)).toBeVisible();
  if (rows > 0) await reach(page, activeInput(page));
  else await reach(page, grid(page));
  return id;
}

interface StoredRow {
  id: string;
  version: number;
  seq: number;
  content: Record<string, string>;
}

/** The export rows as the server has them. */
export async function stored(page: Page, id: string): Promise<StoredRow[]> {
  const document = (await post(page, "document/get", { id })) as { lists: { section: string; rows: StoredRow[] }[] };
  return document.lists.find((list) => list.section === "exports")?.rows ?? [];
}

export function grid(page: Page): Locator {
  return page.locator('[role="grid"]:visible');
}

/** The one input of the grid, inside of the active cell. */
export function activeInput(page: Page): Locator {
  return grid(page).locator('[role="gridcell"] > input.cell-input');
}

/** Which cell the keys stand in: row of the list, from 1, and column. */
export async function place(page: Page): Promise<string> {
  return activeInput(page).evaluate((input) => {
    const row = Number(input.closest("[role=row]")?.getAttribute("aria-rowindex")) - 1;
    const focused = document.activeElement === input ? "" : " without focus";
    return `${row} ${input.getAttribute("data-key")}${focused}`;
  });
}

export async function expectPlace(page: Page, where: string): Promise<void> {
  await expect.poll(() => place(page)).toBe(where);
}

/** Walks with the arrow keys to a column of the active row. */
export async function toColumn(page: Page, key: string): Promise<void> {
  await press(page, "Home");
  for (let steps = 0; steps < 40; steps += 1) {
    if ((await activeInput(page).getAttribute("data-key")) === key) return;
    await press(page, "ArrowRight");
  }
  throw new Error(`no column ${key}`);
}

export async function copyText(page: Page, text: string): Promise<void> {
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
}

export async function copied(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}

/** An input method as Chromium itself drives it. */
export class InputMethod {
  private constructor(private readonly session: CDPSession) {}

  static async of(page: Page): Promise<InputMethod> {
    return new InputMethod(await page.context().newCDPSession(page));
  }

  /** A key that the input method keeps for itself. */
  async key(name: string): Promise<void> {
    await this.session.send("Input.dispatchKeyEvent", { type: "rawKeyDown", windowsVirtualKeyCode: 229, key: name, code: name });
  }

  /** The letters typed so far, underlined in the field. */
  async compose(text: string): Promise<void> {
    await this.key("Process");
    await this.session.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
  }

  /** The chosen characters. */
  async commit(text: string): Promise<void> {
    await this.session.send("Input.insertText", { text });
  }
}
