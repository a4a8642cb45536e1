/** A program that uses the client, while its daemon is killed, stopped, and started again on the same store and address. */
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import type { WireCandle } from "../../src/client/answers/market.js";
import { TradeCanvasClient } from "../../src/client/client.js";
import type { ConnectionState } from "../../src/client/connection.js";
import type { GapNotice } from "../../src/client/messages.js";
import { candles, flat, ingest } from "../support/http.js";
import { type DaemonProcess, launchForTest, startProcess } from "../support/process.js";
import { untilTrue } from "../support/until.js";
import { nowhereEnv } from "../support/world.js";

const SERIES = "binance:spot:BTC/USDT:1m";

/** A loopback address that nobody else listens on: its ports stay free while no daemon runs. */
const HOST = "127.0.0.83";

class Home {
  readonly #env = { ...nowhereEnv(), TRADE_CANVAS_HOST: HOST };
  #daemon: DaemonProcess | undefined;
  #port = "0";
  url = "";

  async start(): Promise<void> {
    this.#daemon = await startProcess(["start", "--bare"], { ...this.#env, TRADE_CANVAS_PORT: this.#port });
    this.url = this.#daemon.url;
    this.#port = new URL(this.url).port;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    await this.#daemon?.end(signal);
  }

  async ingest(...minutes: readonly number[]): Promise<void> {
    for (const minute of minutes) {
      expect((await ingest(this.url, SERIES, flat(minute * 60, minute))).status).toBe(200);
    }
  }
}

test("what is followed goes on across a kill and a stop: every candle once, every hole once, and it is said why not", {
  timeout: 60_000,
}, async () => {
  const home = new Home();
  await home.start();
  await home.ingest(1, 2, 3);
  const client = new TradeCanvasClient({ url: home.url, platform: { WebSocket } });
  onTestFinished(() => client.close());
  const told: WireCandle[] = [];
  const gaps: GapNotice[] = [];
  const states: ConnectionState[] = [];
  const debugStates: ConnectionState[] = [];
  const snapshots: number[] = [];
  const followed = client.follow(
    SERIES,
    { since: 60 },
    {
      closed: (list) => told.push(...list),
      gap: (gap) => gaps.push(gap),
      state: (state) => states.push(state),
    },
  );
  client.debug({
    events: (events, isSnapshot) => isSnapshot && snapshots.push(events.length),
    state: (state) => debugStates.push(state),
  });
  const cursorIs = (minute: number) =>
    untilTrue(
      `minute ${minute}`,
      () => followed.cursor === minute * 60,
      20_000,
      () => states.slice(-3),
    );

  await cursorIs(3);
  await home.ingest(4);
  await cursorIs(4);
  await home.end("SIGKILL");
  await untilTrue("the loss", () => states.at(-1)?.name === "waiting");
  await expect(client.whitelist()).rejects.toMatchObject({ code: "unreachable" });
  await home.start();
  await home.ingest(5, 7);
  await cursorIs(7);
  await home.end("SIGTERM");
  await untilTrue("the reason", () =>
    states.some((state) => "reason" in state && state.reason.includes("ECONNREFUSED")),
  );
  expect(states).toContainEqual(
    expect.objectContaining({ reason: "the connection was closed (1001 server_shutdown)" }),
  );
  await home.start();
  await home.ingest(8);
  await cursorIs(8);

  expect(told).toEqual((await candles(home.url, SERIES, "&since=60")).body.candles);
  expect(gaps).toEqual([{ expected_next_time: 360, actual_time: 420 }]);
  expect(followed.repeats).toBe(0);
  // With `--bare` the gate of the debug events is closed.
  expect(snapshots).toEqual([]);
  expect(debugStates).toContainEqual(
    expect.objectContaining({ name: "refused", reason: expect.stringContaining("404") }),
  );
});

test("trade-canvas watch goes on where it was, and says when it is away", { timeout: 60_000 }, async () => {
  const home = new Home();
  await home.start();
  await home.ingest(1);
  const watching = launchForTest(["watch", home.url, "--series", SERIES, "--since", "0"]);
  await watching.says(/"candle_time":60,/);
  await home.end("SIGKILL");
  await watching.says(/trade-canvas watch: .*trying again in/);
  await home.start();
  await home.ingest(2, 4);
  await watching.says(/"candle_time":240,/);
  expect(await watching.end("SIGINT")).toBe(0);
  const printed = watching
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{"));
  expect(printed.map((line) => JSON.parse(line))).toEqual([
    { type: "candle_closed", series_id: SERIES, candle: flat(60, 1) },
    { type: "candle_closed", series_id: SERIES, candle: flat(120, 2) },
    { type: "gap", series_id: SERIES, expected_next_time: 180, actual_time: 240 },
    { type: "candle_closed", series_id: SERIES, candle: flat(240, 4) },
  ]);
});
