// A browser of the test's own: a real process with a profile on the disk, which can be killed in the middle of a key and
// started again on the same profile. Playwright's own contexts keep everything in memory and cannot.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type Page, chromium } from "@playwright/test";
import { CHROMIUM, SWITCHES } from "./chromium.ts";

export class OwnBrowser {
  private process: ChildProcess | undefined;
  private browser: Browser | undefined;

  private constructor(
    private readonly profile: string,
    private readonly args: string[],
  ) {}

  /** A new profile, and no process yet. */
  static async make(...args: string[]): Promise<OwnBrowser> {
    return new OwnBrowser(await mkdtemp(join(tmpdir(), "opbook-profile-")), args);
  }

  /** Starts the process on the profile; its first page. */
  async start(): Promise<Page> {
    // Left by one that was killed: the next would think that it is open somewhere.
    for (const name of await readdir(this.profile)) {
      if (name.startsWith("Singleton") || name === "DevToolsActivePort") await rm(join(this.profile, name), { force: true });
    }
    const args = [
      "--headless=new",
      ...SWITCHES,
      "--hide-crash-restore-bubble",
      "--lang=zh-CN",
      "--window-size=1440,900",
      "--remote-debugging-port=0",
      `--user-data-dir=${this.profile}`,
      ...this.args,
      "about:blank",
    ];
    // A process group of its own: what is killed is all of it, as by the power button.
    const child = spawn(CHROMIUM, args, { detached: true, stdio: "ignore" });
    this.process = child;
    this.browser = await chromium.connectOverCDP(`http://127.0.0.1:${await this.port()}`);
    const context = this.browser.contexts()[0];
    if (!context) throw new Error("the browser has no window");
    return context.pages()[0] ?? (await context.newPage());
  }

  private async port(): Promise<number> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
      const text = await readFile(join(this.profile, "DevToolsActivePort"), "utf8").catch(() => "");
      const port = Number(text.split("\n")[0]);
      if (port > 0) return port;
      await new Promise((done) => setTimeout(done, 20));
    }
    throw new Error("the browser did not start");
  }

  /** Ends all of it at once. */
  async kill(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (child?.pid === undefined) return;
    const gone = new Promise((done) => child.once("exit", done));
    process.kill(-child.pid, "SIGKILL");
    await gone;
    await this.browser?.close().catch(() => undefined);
    this.browser = undefined;
  }

  /** Ends it and removes the profile. */
  async dispose(): Promise<void> {
    await this.kill();
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
