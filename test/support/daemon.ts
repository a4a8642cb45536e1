/** A daemon inside the test's own process: the real server on a loopback port, with an exchange that nobody runs. */
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type App, type AppParts, startApp } from "../../src/app.js";
import { seededRandom } from "../../src/clock/random.js";
import type { Env } from "../../src/config/env-file.js";
import { loadSettings } from "../../src/config/load.js";
import { silentLog } from "../../src/observability/event-log.js";
import type { LoopDelay } from "../../src/observability/loop-delay.js";
import { SimulatedClock } from "../../src/sim/simulated-clock.js";
import { ROOT } from "./root.js";
import { tempFolder } from "./temp.js";
import { WsClient } from "./ws-client.js";

/** The time of a daemon that is not given a clock, in milliseconds: 2023-11-14 22:20:00 UTC, a full minute. */
export const DAEMON_NOW_MS = 1_700_000_400_000;

/** The process that builds packages, as `npm test` has built it: it does not run from the sources. */
export const BUILD_WORKER = new URL("dist/replay/package/build-worker.js", ROOT);

/** A port on loopback where nothing listens. */
const NOWHERE = "127.0.0.1:1";

/** Clients and exchange share the test's event loop: its lateness says nothing of the daemon. */
const CALM: LoopDelay = { read: () => 0, stop: () => undefined };

type Replaceable = "clock" | "whitelist" | "log" | "loopDelay";

export interface TestDaemonOptions extends Partial<Pick<AppParts, Replaceable>> {
  /** Settings by the names of their variables; what is not given has its built-in default. */
  readonly env?: Env;
  readonly parts?: NonNullable<AppParts["parts"]>;
  readonly createArchive?: AppParts["createArchive"] | undefined;
}

export interface TestDaemon {
  readonly app: App;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** `ws://127.0.0.1:<port>` */
  readonly wsUrl: string;
  /** A client of one of its WebSockets; by default of the live feed. */
  connect(path?: string): Promise<WsClient>;
}

/** Starts a daemon that is stopped when the running test ends. */
export async function startTestDaemon(options: TestDaemonOptions = {}): Promise<TestDaemon> {
  const daemon = await startDaemon({ ...options, env: { TRADE_CANVAS_DB_PATH: tempFolder(), ...options.env } });
  onTestFinished(() => daemon.app.stop());
  return daemon;
}

/** Starts a daemon that is stopped by whoever has started it, on the store that its settings name. */
export async function startDaemon(options: TestDaemonOptions): Promise<TestDaemon> {
  const { settings } = loadSettings({
    TRADE_CANVAS_PORT: "0",
    TRADE_CANVAS_BINANCE_SPOT_WS_URL: `ws://${NOWHERE}`,
    TRADE_CANVAS_BINANCE_SPOT_BASE_URL: `http://${NOWHERE}`,
    TRADE_CANVAS_BINANCE_FUTURES_WS_URL: `ws://${NOWHERE}`,
    TRADE_CANVAS_BINANCE_FUTURES_BASE_URL: `http://${NOWHERE}`,
    TRADE_CANVAS_ARTIFACTS_DIR: join(options.env?.TRADE_CANVAS_DB_PATH ?? tempFolder(), "artifacts"),
    ...options.env,
  });
  const app = await startApp({
    settings,
    whitelist: options.whitelist ?? [],
    clock: options.clock ?? new SimulatedClock(DAEMON_NOW_MS),
    random: seededRandom(1),
    log: options.log ?? silentLog,
    loopDelay: options.loopDelay ?? CALM,
    buildWorker: BUILD_WORKER,
    ...(options.parts === undefined ? {} : { parts: options.parts }),
    ...(options.createArchive === undefined ? {} : { createArchive: options.createArchive }),
  });
  const wsUrl = app.url.replace(/^http/, "ws");
  return { app, url: app.url, wsUrl, connect: (path = "/ws/market") => WsClient.connect(`${wsUrl}${path}`) };
}
