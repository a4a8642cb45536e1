/** What a feed is given. */
import type { Clock } from "../../clock/clock.js";
import type { Random } from "../../clock/random.js";
import type { Candle } from "../../market/candle.js";
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import type { StoreReader } from "../../storage/store.js";
import type { ExchangePort } from "../feed/exchange-port.js";
import type { FeedJob } from "../feed/job.js";
import type { ActorRef } from "../runtime/actor.js";
import type { GapBook } from "./gap-book.js";
import type { IngestMessage } from "./protocol.js";

export interface FeedSettings {
  /** Finals written at once at most. */
  readonly batchMax: number;
  /** Least time between two writes, in milliseconds; a fuller batch does not wait for it. */
  readonly flushMs: number;
  /** Least time between two updates of a forming candle, in milliseconds. */
  readonly formingMinIntervalMs: number;
}

export interface StreamFeedOptions extends FeedSettings {
  readonly series: SeriesId;
  readonly job: FeedJob;
  readonly exchange: ExchangePort;
  readonly store: StoreReader;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: EventLog;
  readonly self: ActorRef<IngestMessage>;
  /** Writes and publishes candles that are new. */
  readonly write: (candles: readonly Candle[]) => Promise<void>;
  /** Writes candles that lie before what was published already. */
  readonly backfill: (candles: readonly Candle[]) => Promise<void>;
  /** Writes a candle that is stored with other values. */
  readonly correct: (candle: Candle) => Promise<unknown>;
  readonly publishForming: (candle: Candle) => void;
  readonly gaps: GapBook;
}
