/** A daemon whose ledgers are written by scripts and read as clients do, and that can be restarted. Reads are strict. */

import { type JsonText, jsonString } from "../../src/ledger/json-parts.js";
import type { Candle } from "../../src/market/candle.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import { startTestDaemon, type TestDaemon } from "./daemon.js";
import type { DrawBody, FrameBody, PollBody, SlicesBody } from "./ledger-answers.js";
import { tempFolder } from "./temp.js";

export interface PivotWindows {
  readonly major: number;
  readonly minor: number;
}

export interface DrawRequest {
  readonly cursor?: number;
  readonly window: number;
  readonly atTime?: number;
}

export class ReadWorld {
  readonly #env: Readonly<Record<string, string>>;
  #daemon: TestDaemon;

  private constructor(env: Readonly<Record<string, string>>, daemon: TestDaemon) {
    this.#env = env;
    this.#daemon = daemon;
  }

  static async open({ major, minor }: PivotWindows): Promise<ReadWorld> {
    const env = {
      TRADE_CANVAS_DB_PATH: tempFolder(),
      TRADE_CANVAS_PIVOT_WINDOW_MAJOR: String(major),
      TRADE_CANVAS_PIVOT_WINDOW_MINOR: String(minor),
      TRADE_CANVAS_ENABLE_READ_STRICT_MODE: "1",
    };
    return new ReadWorld(env, await startTestDaemon({ env }));
  }

  /** Another process on the same store. */
  async restart(): Promise<void> {
    await this.#daemon.app.stop();
    this.#daemon = await startTestDaemon({ env: this.#env });
  }

  /** One call of the write path. @throws when it fails. */
  async ingest(series: string, candles: readonly Candle[]): Promise<void> {
    const { runtime } = this.#daemon.app;
    await runtime.ingest(parseSeriesId(series), candles, runtime.policies.batchPublished);
  }

  async slicesText(series: string, atTime: number, window: number): Promise<string> {
    return jsonString(await this.#daemon.app.ledgers.slices(parseSeriesId(series), atTime, window));
  }

  async slices(series: string, atTime: number, window: number): Promise<SlicesBody> {
    return JSON.parse(await this.slicesText(series, atTime, window)) as SlicesBody;
  }

  async drawText(series: string, { cursor = 0, window, atTime }: DrawRequest): Promise<string> {
    const query = { cursor, windowCandles: window, atTime };
    return jsonString((await this.#daemon.app.ledgers.drawDelta(parseSeriesId(series), query)).json);
  }

  async draw(series: string, request: DrawRequest): Promise<DrawBody> {
    return JSON.parse(await this.drawText(series, request)) as DrawBody;
  }

  async liveFrame(series: string, window: number): Promise<FrameBody> {
    return parsed(await this.#daemon.app.ledgers.liveFrame(parseSeriesId(series), window));
  }

  async frameAt(series: string, atTime: number, window: number): Promise<FrameBody> {
    return parsed(await this.#daemon.app.ledgers.frameAt(parseSeriesId(series), atTime, window));
  }

  async poll(series: string, afterId: number, window: number): Promise<PollBody> {
    return parsed(await this.#daemon.app.ledgers.poll(parseSeriesId(series), afterId, window));
  }
}

function parsed<Body>({ json }: { readonly json: JsonText }): Body {
  return JSON.parse(jsonString(json)) as Body;
}
