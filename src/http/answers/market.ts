/** Answers about candles and markets. Spec: http-api §3; docs/api. */
import { Type } from "typebox";
import {
  always,
  count,
  DONE,
  flag,
  list,
  named,
  nullable,
  oneOf,
  quantity,
  SERIES_ID,
  text,
  unixMilliseconds,
  unixSeconds,
} from "./parts.js";

export const Candle = named("Candle", "A candle. Its time need not lie on the grid of its timeframe.", {
  candle_time: unixSeconds("Open time."),
  open: quantity(),
  high: quantity(),
  low: quantity(),
  close: quantity(),
  volume: quantity("In units of the base asset."),
});

export const CandlesAnswer = named("CandlesAnswer", "Closed candles of one series.", {
  series_id: SERIES_ID,
  server_head_time: nullable(unixSeconds("Open time of the newest stored candle; null for a series without any.")),
  candles: list(Candle, "Ascending by `candle_time`."),
});

export const IngestAnswer = named("IngestAnswer", "What became of a candle that was sent.", {
  ok: DONE,
  series_id: SERIES_ID,
  candle_time: unixSeconds("Open time of the candle."),
});

export const WhitelistAnswer = named("WhitelistAnswer", "The series that are always ingested.", {
  series_ids: list(text(), "Trimmed, without repeats, in the order of the file."),
});

/** How far candles, or what is derived from them, lag. */
export const HealthColour = oneOf(["green", "yellow", "red", "gray"], "The verdict, as a traffic light.");

const BackfillProgress = named("BackfillProgress", "The last backfill of a series, as its health shows it.", {
  state: oneOf(["idle", "running", "succeeded", "failed"], "`idle`: none was begun."),
  progress_pct: nullable(quantity("0 to 100; null when nothing was missing at first and something is now.")),
  started_at: nullable(unixSeconds("When it began; null before.")),
  updated_at: nullable(unixSeconds("When it last changed; null before.")),
  reason: nullable(text("What it is for: `tail_coverage` after a read, `backfill` for one that was asked for.")),
  note: nullable(text("How it ended.")),
  error: nullable(text("Why it failed.")),
  recent: flag("It changed lately."),
  start_missing_seconds: count("Missing when it began, in seconds."),
  start_missing_candles: count("Missing when it began, in candles."),
  current_missing_seconds: count("Missing now, in seconds."),
  current_missing_candles: count("Missing now, in candles."),
});

export const MarketHealthAnswer = named("MarketHealthAnswer", "Whether a series is up to date.", {
  series_id: SERIES_ID,
  timeframe_seconds: count("Length of a candle in seconds."),
  now_time: unixSeconds("When it was judged."),
  expected_latest_closed_time: Type.Integer({
    description:
      "Open time of the newest candle that should exist, Unix seconds; negative before the first has closed.",
  }),
  head_time: nullable(unixSeconds("Open time of the newest stored candle; null without any.")),
  lag_seconds: nullable(count("Now − head, not below 0; null without a head.")),
  missing_seconds: nullable(count("Expected − head, not below 0; null without a head.")),
  missing_candles: nullable(count("The same in candles, rounded up.")),
  status: HealthColour,
  status_reason: oneOf([
    "missing_head",
    "head_ahead_of_closed_window",
    "up_to_date",
    "backfill_running",
    "backfill_recent",
    "lagging_no_recent_backfill",
  ]),
  backfill: BackfillProgress,
});

const Market = oneOf(["spot", "futures"]);

const TopMarket = named("TopMarket", "A market of the exchange.", {
  exchange: always("binance"),
  market: Market,
  symbol: text("With a slash between the assets: `BTC/USDT`."),
  symbol_id: text("As the exchange calls it: `BTCUSDT`."),
  base_asset: text(),
  quote_asset: text(),
  last_price: nullable(quantity("Null when the exchange does not give it.")),
  quote_volume: nullable(quantity("Of the last 24 hours, in units of the quote asset.")),
  price_change_percent: nullable(quantity("Over the last 24 hours.")),
});

export const TopMarketsAnswer = named("TopMarketsAnswer", "The markets that trade most.", {
  exchange: always("binance"),
  market: Market,
  quote_asset: text("What was asked for, in upper case."),
  limit: count("What was asked for."),
  generated_at_ms: unixMilliseconds("When the answer was made."),
  cached: flag("Nothing was asked for it: symbols and tickers were kept from before."),
  items: list(TopMarket, "The markets that trade, largest volume first."),
});

const HoleInStore = named("HoleInStore", "Two stored neighbours that are further apart than their timeframe.", {
  prev_time: unixSeconds("Open time of the candle before."),
  next_time: unixSeconds("Open time of the candle behind."),
  delta_seconds: count("Between the two."),
  missing_candles: count("That would fit in between."),
});

const BaseBucket = named("BaseBucket", "The minutes of one candle.", {
  bucket_open_time: unixSeconds("Open time of the candle."),
  expected_minutes: count("Minutes that it lasts."),
  actual_minutes: count("Minutes that are stored."),
  missing_minutes: count("Minutes that are not."),
});

export const SeriesHealthAnswer = named("SeriesHealthAnswer", "Whether a stored series is whole.", {
  series_id: SERIES_ID,
  timeframe_seconds: count("Length of a candle in seconds."),
  now_time: unixSeconds("When it was looked at."),
  first_time: nullable(unixSeconds("Oldest stored candle; null without any.")),
  head_time: nullable(unixSeconds("Newest stored candle; null without any.")),
  lag_seconds: nullable(count("Now − head, not below 0; null without a head.")),
  candle_count: count("Stored candles."),
  gap_count: count("Gaps between them."),
  max_gap_seconds: nullable(count("The longest gap; null without any.")),
  recent_gaps: list(HoleInStore, "Newest first."),
  base_series_id: text("The minutes of the same market."),
  base_bucket_completeness: list(BaseBucket, "Oldest first; empty for minutes themselves."),
});
