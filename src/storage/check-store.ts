/** Whether a store is whole: every candle, head, ledger and gap can be read, and they agree. Reads all of it. */
import { StoreError } from "./errors.js";
import type { LedgerName } from "./keys.js";
import type { StoreReader } from "./store.js";

/** Candles that are looked at in one step. */
const STEP_CANDLES = 20_000;

const LEDGERS: readonly LedgerName[] = ["factor", "overlay"];

export interface StoreContents {
  readonly series: number;
  readonly candles: number;
}

/**
 * @param next is awaited between two steps, and may throw to end it.
 * @throws StoreError `store_damaged` that names the series and what is wrong with it.
 */
export async function checkStore(store: StoreReader, next: () => Promise<void>): Promise<StoreContents> {
  let candles = 0;
  const series = store.seriesIds();
  for (const one of series) {
    const head = store.head(one);
    const found = await candlesOf(store, one, next);
    const differs =
      found.count !== head.count || found.firstTime !== head.firstTime || found.lastTime !== head.lastTime;
    if (differs) {
      const said = `${head.count} candles from ${head.firstTime} to ${head.lastTime}`;
      throw damaged(
        one,
        `its head says ${said}, and there are ${found.count} from ${found.firstTime} to ${found.lastTime}`,
      );
    }
    for (const ledger of LEDGERS) {
      const time = store.ledger(one, ledger).head?.time;
      if (time !== undefined && time > (head.lastTime ?? 0)) {
        throw damaged(one, `its ${ledger} ledger is at ${time}, past its last candle at ${head.lastTime}`);
      }
    }
    const { damaged: gaps } = store.unfilledGaps(one);
    if (gaps.length > 0) throw damaged(one, `the records of its gaps ${gaps.join(", ")} cannot be read`);
    candles += found.count;
  }
  return { series: series.length, candles };
}

interface Found {
  readonly count: number;
  readonly firstTime: number | null;
  readonly lastTime: number | null;
}

/** Reads every candle, so that every checksum is looked at. */
async function candlesOf(store: StoreReader, series: string, next: () => Promise<void>): Promise<Found> {
  let [count, afterS] = [0, -1];
  let firstTime: number | null = null;
  for (;;) {
    const times = store.candleTimes(series, afterS, STEP_CANDLES);
    const last = times.at(-1);
    if (last === undefined) return { count, firstTime, lastTime: firstTime === null ? null : afterS };
    firstTime ??= times[0] ?? null;
    count += times.length;
    afterS = last;
    await next();
  }
}

function damaged(series: string, what: string): StoreError {
  return new StoreError("store_damaged", `${series}: ${what}`);
}
