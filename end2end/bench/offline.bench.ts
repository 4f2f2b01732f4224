// What working without the server costs: opening without it beside opening with it, the way of a key into the journal, and what
// an idle page sends and receives beside one that asks. Prints ratios; judges nothing.

import { type APIRequestContext, type Page, expect } from "@playwright/test";
import { storedFiling, test } from "../support/away.ts";
import { field, newBook, signIn } from "../support/filing.ts";
import { readyToLeave } from "../support/journal.ts";
import { reach, type } from "../support/keyboard.ts";

const ROUNDS = Number(process.env.OPBOOK_BENCH_ROUNDS ?? 7);
const share = (values: number[], part: number) =>
  [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) * part)] ?? NaN;

/** From the address to the document that can be typed into, in ms. */
async function opened(page: Page, address: string): Promise<number> {
  const begun = Date.now();
  await page.goto(address);
  await expect(field(page, "出境加工合同号")).toHaveValue("HT-BENCH");
  return Date.now() - begun;
}

test("opening a document with and without the server", async ({ away, own }) => {
  test.setTimeout(600_000);
  let page = await own.start();
  const address = await storedFiling(page, away, "HT-BENCH");
  await readyToLeave(page, 1);
  const [warm, cold]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) warm.push(await opened(page, address));
  await away.stop();
  for (let round = 0; round < ROUNDS; round += 1) {
    await own.kill();
    page = await own.start();
    cold.push(await opened(page, address));
  }
  const [one, other] = [share(warm, 0.5), share(cold, 0.5)];
  console.log(`open: with the server, browser running ${one} ms; server stopped, browser just started ${other} ms; ratio ${(other / one).toFixed(2)} (medians of ${ROUNDS})`);
});

test("from a key to the journal", async ({ away, own }) => {
  test.setTimeout(300_000);
  const page = await own.start();
  await page.addInitScript(() => {
    const took: number[] = [];
    let struck: number[] = [];
    // What is typed at the sign-in is kept nowhere.
    const begin_anew = () => {
      struck = [];
      took.length = 0;
    };
    Object.assign(window, { took, begin_anew });
    addEventListener("keydown", () => struck.push(performance.now()), true);
    const begin = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (...which: Parameters<typeof begin>) {
      const transaction = begin.apply(this, which);
      if (which[1] === "readwrite" && [which[0]].flat().includes("texts")) {
        // Sealed a moment before: what was struck by now may be in the next one, and counts for this one all the same.
        const mine = struck;
        struck = [];
        transaction.addEventListener("complete", () => took.push(...mine.map((at) => performance.now() - at)));
      }
      return transaction;
    };
  });
  await signIn(page, "donglan", "donglan-2026", away.url);
  await newBook(page);
  await reach(page, field(page, "生产工艺说明"));
  await page.evaluate(() => (window as unknown as { begin_anew(): void }).begin_anew());
  for (let round = 0; round < 20; round += 1) {
    await type(page, "wafers go out, packages come back. ");
  }
  await page.waitForTimeout(1_000);
  const took = await page.evaluate(() => (window as unknown as { took: number[] }).took);
  console.log(`key to journal: median ${share(took, 0.5).toFixed(0)} ms, p99 ${share(took, 0.99).toFixed(0)} ms, longest ${Math.max(...took).toFixed(0)} ms (${took.length} keys; 500 are promised)`);
});

/** Bytes of the heads and bodies that go and come for one answer of the state of a document. */
async function bytesOfAsking(request: APIRequestContext, url: string, id: string): Promise<number> {
  const answer = await request.post(`${url}/api/document/status`, { data: { ids: [id] } });
  const heads = answer.headersArray().reduce((sum, { name, value }) => sum + name.length + value.length + 4, 0);
  // What a browser sends beside the body: measured once, some 600 bytes.
  return heads + (await answer.body()).length + 600;
}

test("idle: pages that hear beside pages that ask", async ({ away, own }) => {
  test.setTimeout(300_000);
  const page = await own.start();
  const address = await storedFiling(page, away, "HT-BENCH");
  const id = /filing\/([0-9a-f-]+)/.exec(address)?.[1] ?? "";
  const asking = await bytesOfAsking(page.request, away.url, id);
  const cookie = (await page.context().cookies(away.url)).map(({ name, value }) => `${name}=${value}`).join("; ");
  const pages = 200;
  const seconds = 60;
  let heard = 0;
  const stop = new AbortController();
  const streams = Array.from({ length: pages }, async () => {
    const answer = await fetch(`${away.url}/hints`, { headers: { cookie }, signal: stop.signal });
    const reader = answer.body?.getReader();
    for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) heard += piece.value.length;
  });
  await page.waitForTimeout(seconds * 1_000);
  stop.abort();
  await Promise.allSettled(streams);
  const asked = asking * pages * (seconds / 5);
  console.log(`idle, ${pages} pages for ${seconds} s: heard ${heard} bytes and no request; asking every 5 s as before: ${pages * (seconds / 5)} requests, ${asked} bytes; ratio 1:${Math.round(asked / heard)}`);
});
