// A look into the journal of a page from outside: the names in it, never what is sealed.

import type { Page } from "@playwright/test";

/** A browser that keeps nothing: what is not saved goes to the server, and a save that is not answered fails. */
export async function withoutStore(page: Page): Promise<void> {
  await page.addInitScript(() => Object.defineProperty(window, "indexedDB", { value: null }));
}

/** Names of the sealed texts, and users who can open them without the server. */
export async function journalNames(page: Page): Promise<{ texts: string[]; users: string[] }> {
  return page.evaluate(
    () =>
      new Promise((done, failed) => {
        const opening = indexedDB.open("opbook");
        opening.onerror = () => failed(new Error("the journal does not open"));
        opening.onsuccess = () => {
          const database = opening.result;
          const reading = database.transaction(["texts", "users"]);
          const [texts, users] = ["texts", "users"].map((store) => reading.objectStore(store).getAllKeys());
          reading.oncomplete = () => {
            database.close();
            done({ texts: texts?.result as string[], users: users?.result as string[] });
          };
        };
      }),
  );
}

/** The names of what is typed and not saved. */
export async function draftNames(page: Page): Promise<string[]> {
  return (await journalNames(page)).texts.filter((name) => name.startsWith("draft."));
}

/** Waits until this browser can open the program, and the open documents, without the server. */
export async function readyToLeave(page: Page, documents: number): Promise<void> {
  await page.waitForFunction(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return registration?.active?.state === "activated" && navigator.serviceWorker.controller !== null;
  });
  for (const deadline = Date.now() + 20_000; ; ) {
    const { texts } = await journalNames(page);
    // The list of tables is put in last.
    const tables = await page.evaluate(async () => (await (await caches.open("tables")).match("/codes")) !== undefined);
    if (texts.filter((name) => name.startsWith("copy.")).length >= documents && tables) return page.waitForTimeout(500);
    if (Date.now() > deadline) throw new Error(`not ready: ${texts.join(" ")}, tables: ${tables}`);
    await page.waitForTimeout(200);
  }
}
