/** A daemon in a process of its own, with nothing switched on but what a measurement needs. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Environment, launch, MACHINE_READABLE, READY } from "../../test/support/launch.js";

/** Of its main thread so far, in milliseconds. On a busy machine, waiting is most of what a client waits. */
export interface ProcessorTime {
  readonly ranMs: number;
  /** Ready to run, while others had all processors. */
  readonly waitedMs: number;
}

export interface MeasuredDaemon {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process until it serves, in milliseconds. */
  readonly readyMs: number;
  /** Resident memory of the process, in bytes. */
  memory(): number;
  processorTime(): ProcessorTime;
  stop(): Promise<void>;
  /** Ends it in the midst of everything; the folder stays. */
  kill(): Promise<void>;
}

/** Where nothing listens: nothing comes from an exchange unless a measurement says otherwise. */
const NO_EXCHANGE: Environment = {
  TRADE_CANVAS_BINANCE_SPOT_WS_URL: "ws://127.0.0.1:1",
  TRADE_CANVAS_BINANCE_SPOT_BASE_URL: "http://127.0.0.1:1",
  TRADE_CANVAS_BINANCE_FUTURES_WS_URL: "ws://127.0.0.1:1",
  TRADE_CANVAS_BINANCE_FUTURES_BASE_URL: "http://127.0.0.1:1",
};

const SWITCHED_ON: Environment = {
  TRADE_CANVAS_ENABLE_INGEST_PIPELINE_V2: "1",
  TRADE_CANVAS_ENABLE_DEV_API: "1",
  TRADE_CANVAS_ENABLE_DEBUG_API: "1",
  TRADE_CANVAS_LOG_LEVEL: "info",
};

/** A store folder that outlives the daemons which use it. */
export interface StoreFolder {
  readonly path: string;
  remove(): void;
}

export function storeFolder(): StoreFolder {
  const path = mkdtempSync(join(tmpdir(), "trade-canvas-bench-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export async function startDaemon(env: Environment = {}, folder?: StoreFolder): Promise<MeasuredDaemon> {
  const own = folder ?? storeFolder();
  const began = performance.now();
  const settings = { ...MACHINE_READABLE, ...NO_EXCHANGE, ...SWITCHED_ON, TRADE_CANVAS_DB_PATH: own.path, ...env };
  const launched = launch(["start", "--bare"], settings);
  const [, url = ""] = await launched.says(READY);
  return {
    url,
    pid: launched.pid,
    readyMs: performance.now() - began,
    memory: () => residentBytes(launched.pid),
    processorTime: () => processorTime(launched.pid),
    stop: async () => {
      await launched.end("SIGTERM");
      if (folder === undefined) own.remove();
    },
    kill: async () => void (await launched.end("SIGKILL")),
  };
}

function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}

function processorTime(pid: number): ProcessorTime {
  const [ran, waited] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ");
  return { ranMs: Number(ran) / 1e6, waitedMs: Number(waited) / 1e6 };
}
