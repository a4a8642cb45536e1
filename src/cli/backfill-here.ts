/** A backfill in this process, on the store of a daemon that does not run: with the daemon's own pieces, without its feeds. */
import { BreakerBoard } from "../actors/breaker/breaker-board.js";
import { BackfillJob } from "../actors/feed/backfill-job.js";
import type { BackfillRequest } from "../actors/feed/backfill-request.js";
import type { ExchangePort } from "../actors/feed/exchange-port.js";
import type { MarketRuntime } from "../actors/market-runtime.js";
import { errorText } from "../actors/runtime/errors.js";
import { createRuntime } from "../assembly.js";
import type { Clock } from "../clock/clock.js";
import { systemRandom } from "../clock/random.js";
import type { Settings } from "../config/schema.js";
import { DamageNotes } from "../ledger/damage.js";
import { DebugHub } from "../observability/debug-hub.js";
import { type EventLog, silentLog } from "../observability/event-log.js";
import { Metrics } from "../observability/metrics.js";
import type { Store } from "../storage/store.js";
import type { BackfillWatch } from "./backfill-watch.js";
import { type CommandIo, whenAborted } from "./command.js";

export interface HereOptions {
  readonly request: BackfillRequest;
  readonly settings: Settings;
  readonly store: Store;
  readonly clock: Clock;
  readonly waits: boolean;
}

/** @returns the exit code. */
export async function backfillHere(options: HereOptions, io: CommandIo, watch: BackfillWatch): Promise<number> {
  const { request, store, clock, waits } = options;
  const runtime = feedlessRuntime(options, io);
  await runtime.start();
  try {
    const exchange = runtime.exchangeFor(request.series) as ExchangePort;
    const weight = () => exchange.facts()?.weight ?? null;
    const job = new BackfillJob({
      request,
      store,
      exchange,
      clock,
      random: systemRandom,
      fill: async (candles) => {
        await runtime.ingest(request.series, candles, runtime.policies.backfill);
      },
      waits,
      onChange: (report) => watch.show(report, weight()),
    });
    const stop = (): void => job.stop();
    io.stop.addEventListener("abort", stop, { once: true });
    if (io.stop.aborted) stop();
    await job.run();
    const report = job.report();
    if (report.added > 0) await levelLedgers(runtime, request, io);
    return watch.end(report, weight());
  } finally {
    await runtime.stop();
  }
}

function feedlessRuntime({ settings, store, clock }: HereOptions, io: CommandIo): MarketRuntime {
  const log = errorsTo(io);
  const debug = new DebugHub(clock);
  const metrics = new Metrics(clock, false);
  const breakers = new BreakerBoard({ clock, log, debug, metrics, store });
  const feedless: Settings = { ...settings, enableWhitelistIngest: false, enableOndemandIngest: false };
  const parts = { settings: feedless, whitelist: [], clock, random: systemRandom, log };
  return createRuntime(parts, { store, debug, metrics, damage: new DamageNotes(log), breakers });
}

/** What was stored in the past is folded in page by page; a daemon that finds it undone does it with its next candle. */
async function levelLedgers(runtime: MarketRuntime, { series }: BackfillRequest, io: CommandIo): Promise<void> {
  const refreshing = runtime.refreshLedgers(series).catch((error: unknown) => {
    io.err(`the ledgers are not level with the candles yet: ${errorText(error)}`);
  });
  await Promise.race([refreshing, whenAborted(io.stop)]);
}

/** Waits and failures of the exchange are shown by the watch; what is left to be told are faults. */
function errorsTo(io: CommandIo): EventLog {
  const error: EventLog["error"] = (event, fields = {}) => io.err(`${event} ${JSON.stringify(fields)}`);
  const log: EventLog = { ...silentLog, error, with: () => log };
  return log;
}
