/** The daemons of one test file: each combination of settings is started once, and all are stopped at the end. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Env } from "../../../src/config/env-file.js";
import { startDaemon, type TestDaemon, type TestDaemonOptions } from "../../support/daemon.js";
import { FakeArchive } from "../../support/fake-archive.js";
import { GATE_SETTINGS } from "../tables/index.js";
import { FOLLOWED } from "./fixture.js";

/** Opens the routes of these settings and closes all others; names without prefix. */
function gatesEnv(on: readonly string[]): Env {
  return Object.fromEntries(GATE_SETTINGS.map((name) => [`TRADE_CANVAS_${name}`, on.includes(name) ? "1" : "0"]));
}

/** Opens every route; pivots in small windows, so that a few candles have everything that can be derived from them. */
const ALL_OPEN: Env = {
  ...gatesEnv(GATE_SETTINGS),
  TRADE_CANVAS_ENABLE_WHITELIST_INGEST: "1",
  TRADE_CANVAS_ENABLE_INGEST_LOOP_GUARDRAIL: "1",
  TRADE_CANVAS_ENABLE_DERIVED_TIMEFRAMES: "1",
  TRADE_CANVAS_PIVOT_WINDOW_MAJOR: "2",
  TRADE_CANVAS_PIVOT_WINDOW_MINOR: "1",
};

/** Packages at once, for tests of something else: each real one is a thread. */
const AT_ONCE: TestDaemonOptions = { createArchive: ({ store }) => new FakeArchive(store) };

export class Daemons {
  readonly #options: TestDaemonOptions;
  readonly #prepare: (daemon: TestDaemon) => Promise<void>;
  readonly #running = new Map<string, Promise<TestDaemon>>();
  readonly #folders: string[] = [];

  /**
   * @param prepare what is done to each daemon with open routes before it is first asked.
   * @param packages `real` ones are made by the daemon's own archive.
   */
  constructor(prepare: (daemon: TestDaemon) => Promise<void>, packages: "real" | "at once" = "at once") {
    this.#prepare = prepare;
    this.#options = packages === "real" ? {} : AT_ONCE;
  }

  /** The daemon with all routes open, and these settings besides. */
  open(env: Env = {}): Promise<TestDaemon> {
    return this.#daemon({ ...ALL_OPEN, ...env }, this.#prepare);
  }

  /** The daemon with these gates open and every other one closed, and nothing stored; names without prefix. */
  gated(on: readonly string[]): Promise<TestDaemon> {
    return this.#daemon(gatesEnv(on), async () => undefined);
  }

  async stop(): Promise<void> {
    for (const daemon of this.#running.values()) await (await daemon).app.stop();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }

  #daemon(env: Env, prepare: (daemon: TestDaemon) => Promise<void>): Promise<TestDaemon> {
    const key = JSON.stringify(env);
    const running = this.#running.get(key) ?? this.#start(env, prepare);
    this.#running.set(key, running);
    return running;
  }

  async #start(env: Env, prepare: (daemon: TestDaemon) => Promise<void>): Promise<TestDaemon> {
    const folder = mkdtempSync(join(tmpdir(), "trade-canvas-contract-"));
    this.#folders.push(folder);
    const daemon = await startDaemon({
      ...this.#options,
      env: { TRADE_CANVAS_DB_PATH: folder, ...env },
      whitelist: [FOLLOWED],
    });
    await prepare(daemon);
    return daemon;
  }
}
