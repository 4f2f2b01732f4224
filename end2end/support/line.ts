// The line between a browser and a server, as a proxy or a bad router makes it: streams of hints are cut and kept from coming back
// while everything else goes on. Playwright itself can only take a whole page offline.

import { type Server as Listener, type Socket, connect, createServer } from "node:net";

export class Line {
  readonly url: string;
  private readonly streams = new Set<Socket>();
  private isCut = false;

  private constructor(
    private readonly listener: Listener,
    port: number,
  ) {
    this.url = `http://127.0.0.1:${port}`;
  }

  /** A line to a server; pages open its address instead of that of the server. */
  static async to(server: string): Promise<Line> {
    const { port } = new URL(server);
    const listener = createServer();
    await new Promise<void>((done) => listener.listen(0, "127.0.0.1", done));
    const address = listener.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const line = new Line(listener, address.port);
    listener.on("connection", (near) => line.join(near, connect(Number(port), "127.0.0.1")));
    return line;
  }

  private join(near: Socket, far: Socket): void {
    near.on("data", (chunk) => {
      if (chunk.subarray(0, 10).toString() === "GET /hints") {
        if (this.isCut) return void near.destroy();
        this.streams.add(near);
      }
      far.write(chunk);
    });
    far.on("data", (chunk) => near.write(chunk));
    const end = () => {
      near.destroy();
      far.destroy();
      this.streams.delete(near);
    };
    for (const socket of [near, far]) socket.on("close", end).on("error", end);
  }

  /** How many streams of hints there are. */
  get listening(): number {
    return this.streams.size;
  }

  /** Cuts all streams of hints; none comes back before `mend`. */
  cut(): void {
    this.isCut = true;
    for (const stream of this.streams) stream.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  close(): void {
    this.cut();
    this.listener.close();
  }
}
