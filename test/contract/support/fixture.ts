/** What the tables of contracts ask about: a series with everything that can be derived, and one with nothing. */
import { toWireCandle } from "../../../src/market/candle.js";
import { openedGap, resolvedGap } from "../../../src/market/gap.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { type CandleRow, candlesOf, loadVector } from "../../factors/model/vectors.js";
import { BATCH, post } from "../../http/request.js";
import type { TestDaemon } from "../../support/daemon.js";

/** A series of 44 candles in which every factor has something to show. */
export const SERIES = "binance:futures:BTC/USDT:1m";

/** The series that every daemon with open routes follows, of an exchange that is not there. */
export const FOLLOWED = "binance:futures:ETH/USDT:1m";

/** A series that is derived of {@link FOLLOWED}. */
export const DERIVED_SERIES = "binance:futures:ETH/USDT:5m";

/** A series that nobody has ever stored. */
export const UNKNOWN = "binance:spot:NONE/USDT:1m";

/** A series that tests of writing write to. */
export const WRITTEN = "binance:spot:MINE/USDT:1m";

const CANDLES = candlesOf(loadVector<{ candles: CandleRow[] }>("07_factor_slices").candles);

/** Candles of {@link SERIES}. */
export const COUNT = CANDLES.length;

/** Open time of the newest candle of {@link SERIES}, in seconds. */
export const LAST = 2_640;

/** A gap that goes on, and one that ended, so that every member of both is told. */
const GAPS = [
  openedGap({ id: 1, cause: "reconnect", fromTime: 60, toTime: null, nowMs: 1_000 }),
  resolvedGap(
    openedGap({ id: 2, cause: "start", fromTime: 60, toTime: 180, nowMs: 1_000 }),
    180,
    [{ from: 120, to: 180 }],
    2_000,
  ),
];

/** Stores {@link SERIES} and gaps of it, and asks for more of it. @throws Error when that is not taken. */
export async function storeSeries({ url, app }: TestDaemon): Promise<void> {
  const stored = await post(url, BATCH, { series_id: SERIES, candles: CANDLES.map(toWireCandle) });
  const asked = await post(url, "/api/dev/backfill", { series_id: SERIES, from: 60, to: 600 });
  for (const { status, text } of [stored, asked]) {
    if (status !== 200) throw new Error(`the fixture was answered with ${status}: ${text}`);
  }
  await app.store.commit({ series: SERIES, gaps: GAPS });
}

/** Has the candles of {@link SERIES} stored and folded in, also where no route is open by which that could be done. */
export async function haveSeries({ app }: TestDaemon): Promise<void> {
  if (app.store.head(SERIES).count > 0) return;
  await app.store.commit({ series: SERIES, upsert: CANDLES });
  await app.ledgers.sync.refresh(parseSeriesId(SERIES));
}
