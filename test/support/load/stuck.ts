/** Connections that are begun and never gone on with, kept at their number: what the daemon hangs up on comes back. */
import { connect, type Socket } from "node:net";

/** How a connection is stuck. */
export const STUCK_WAYS = ["half a header", "half a body", "nothing read"] as const;

export type StuckWay = (typeof STUCK_WAYS)[number];

/** Connections that are opened at a time. */
const AT_A_TIME = 100;

/** A connection that was hung up on comes back after this long, in milliseconds of real time. */
const AGAIN_MS = 100;

export class Stuck {
  readonly #url: URL;
  readonly #series: string;
  readonly #open = new Set<Socket>();
  readonly #again = new Set<NodeJS.Timeout>();
  /** Connections that the daemon has ended. */
  hungUpOn = 0;
  #ended = false;

  /** @param series that those who read nothing follow. */
  constructor(url: string, series: string) {
    this.#url = new URL(url);
    this.#series = series;
  }

  get open(): number {
    return this.#open.size;
  }

  /** Resolves when as many are connected; a third of them in each way. */
  async begin(count: number): Promise<void> {
    for (let begun = 0; begun < count; begun += AT_A_TIME) {
      const wanted = Array.from({ length: Math.min(AT_A_TIME, count - begun) }, (_, index) => begun + index);
      await Promise.all(wanted.map((index) => this.#connect(STUCK_WAYS[index % STUCK_WAYS.length] as StuckWay)));
    }
  }

  end(): void {
    this.#ended = true;
    for (const timer of this.#again) clearTimeout(timer);
    for (const socket of this.#open) socket.destroy();
  }

  #connect(way: StuckWay): Promise<void> {
    const { hostname, port } = this.#url;
    return new Promise((resolve) => {
      const socket = connect({ host: hostname, port: Number(port) });
      this.#open.add(socket);
      socket.on("connect", () => {
        socket.write(this.#begun(way));
        if (way === "nothing read") this.#subscribe(socket);
        // Of an answer, the end is all that matters here.
        else socket.resume();
        resolve();
      });
      socket.on("error", () => undefined);
      socket.on("close", () => {
        resolve();
        this.#open.delete(socket);
        if (!this.#ended) this.#comeBack(way);
      });
    });
  }

  #comeBack(way: StuckWay): void {
    this.hungUpOn += 1;
    const timer = setTimeout(() => {
      this.#again.delete(timer);
      void this.#connect(way);
    }, AGAIN_MS);
    this.#again.add(timer);
  }

  #begun(way: StuckWay): string {
    const host = `host: ${this.#url.host}\r\n`;
    if (way === "half a header") return `GET /api/market/whitelist HTTP/1.1\r\n${host}x-begun: `;
    if (way === "half a body") {
      return `POST /api/market/ingest/candle_closed HTTP/1.1\r\n${host}content-length: 1000\r\n\r\n{"series_id":`;
    }
    const upgrade = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n";
    return `GET /ws/market HTTP/1.1\r\n${host}${upgrade}sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
  }

  /** Asks for everything, and reads nothing but the answer to the upgrade. */
  #subscribe(socket: Socket): void {
    socket.once("data", () => {
      socket.pause();
      socket.write(
        maskedText(JSON.stringify({ type: "subscribe", series_id: this.#series, since: 0, supports_batch: true })),
      );
    });
  }
}

/** A text frame of a client; the mask is of zeros. */
export function maskedText(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([frameHead(0x81, payload.length), payload]);
}

/** The head of a client's frame with a mask of zeros. @param first byte: final bit and kind. */
export function frameHead(first: number, length: number): Buffer {
  const mask = [0, 0, 0, 0];
  if (length < 126) return Buffer.from([first, 0x80 | length, ...mask]);
  if (length < 65_536) return Buffer.from([first, 0x80 | 126, length >> 8, length & 255, ...mask]);
  const head = Buffer.alloc(14);
  head[0] = first;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
