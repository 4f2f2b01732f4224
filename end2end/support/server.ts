// A server of the test's own: the release binary on a free port with a data folder of its own,
// which can be stopped, killed and started again on the same data.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../..");
const target = process.env.CARGO_TARGET_DIR ?? join(homedir(), ".cache/opbook/target");
const binary = process.env.OPBOOK_TEST_BIN ?? join(target, "release/opbook");
/** The full code tables, where somebody laid them beside the clone. */
const fullTables = join(root, "../shared/refdata");
export const hasFullTables = existsSync(fullTables);

export interface ServerOptions {
  /** Settings for this server, over those below. */
  env?: Record<string, string>;
  /** False: an empty system without demonstration data. */
  demo?: boolean;
}

export class Server {
  readonly url: string;
  /** All it printed, for messages when a test fails. */
  log = "";
  private process: ChildProcess | undefined;

  private constructor(
    private readonly port: number,
    readonly data: string,
    private readonly options: ServerOptions,
  ) {
    this.url = `http://127.0.0.1:${port}`;
  }

  /** A new server on new data, ready for requests. */
  static async start(options: ServerOptions = {}): Promise<Server> {
    const data = await mkdtemp(join(tmpdir(), "opbook-e2e-"));
    const server = new Server(await freePort(), data, options);
    await server.run();
    return server;
  }

  /** Ends it as an administrator would, waiting for what is under way. */
  async stop(): Promise<void> {
    await this.end("SIGTERM");
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Starts it again on the same port and data; call after `stop` or `kill`. */
  async restart(): Promise<void> {
    await this.end("SIGTERM");
    await this.run();
  }

  /** Ends it and removes its data. */
  async dispose(): Promise<void> {
    await this.end("SIGKILL");
    await rm(this.data, { recursive: true, force: true });
  }

  /** Runs a command of the program over the data of this server; what it printed. */
  async command(...args: string[]): Promise<string> {
    return this.fed("", ...args);
  }

  /** As `command`, with something on its standard input: a password. */
  async fed(input: string, ...args: string[]): Promise<string> {
    const env = { PATH: process.env.PATH, OPBOOK_DATA: this.data, ...this.options.env };
    const run = promisify(execFile)(binary, args, { cwd: this.data, env });
    run.child.stdin?.end(input);
    return (await run).stdout;
  }

  /** Changes what is stored behind the back of the program: what no screen and no command does. */
  async sql(statement: string, ...values: string[]): Promise<void> {
    const script =
      "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1], timeout=10) as db:\n assert db.execute(sys.argv[2], sys.argv[3:]).rowcount == 1";
    await promisify(execFile)("python3", ["-c", script, join(this.data, "opbook.db"), statement, ...values]);
  }

  /** Runs many statements at once, for tables that nobody could fill by hand. */
  async script(statements: string): Promise<void> {
    const script = "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1], timeout=10) as db:\n db.executescript(sys.argv[2])";
    await promisify(execFile)("python3", ["-c", script, join(this.data, "opbook.db"), statements]);
  }

  private async run(): Promise<void> {
    const args = this.options.demo === false ? ["serve"] : ["serve", "--demo"];
    const child = spawn(binary, args, {
      cwd: this.data,
      env: {
        PATH: process.env.PATH,
        OPBOOK_ADDR: `127.0.0.1:${this.port}`,
        OPBOOK_DATA: this.data,
        OPBOOK_CAPTCHA: "off",
        // attachments.spec.ts files with the papers; the others are about something else.
        OPBOOK_REQUIRED_ATTACHMENTS: "none",
        OPBOOK_CUSTOMS_DELAY_MS: "200",
        ...(hasFullTables ? { REFDATA_DIR: fullTables } : {}),
        ...this.options.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = child;
    const keep = (chunk: Buffer) => {
      this.log = (this.log + chunk.toString()).slice(-20_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => keep(Buffer.from(`${binary}: ${error.message}\n`)));
    await this.ready(child);
  }

  private async ready(child: ChildProcess): Promise<void> {
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
      const answer = await fetch(`${this.url}/health/ready`).catch(() => undefined);
      if (answer?.ok) return;
      if (child.exitCode !== null || child.pid === undefined) break;
      await new Promise((done) => setTimeout(done, 50));
    }
    await this.end("SIGKILL");
    throw new Error(`the server did not become ready:\n${this.log}`);
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill(signal);
    await gone;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, "127.0.0.1", done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
