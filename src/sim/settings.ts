/**
 * The numbers of a simulated market. The defaults are production's as documented or recorded; where production is not
 * documented the docstring says "assumed". Spec: binance-protocol §2.1, §2.2, §4.2, §5.
 */
import type { TradePathSettings } from "./truth/trade-path.js";

export type MarketKind = "spot" | "futures";

/** How a connection is ended by the server. A reset leaves no close frame: its client sees 1006. */
export type CutManner =
  | { readonly by: "reset" }
  | { readonly by: "fin" }
  | { readonly by: "close"; readonly code: number; readonly reason?: string };

export interface StreamSettings {
  /** At most one update per stream in this time; ms. */
  readonly updateCadenceMs: number;
  /** A final comes this long after its close, evenly spread between the two; ms. */
  readonly finalDelayMinMs: number;
  readonly finalDelayMaxMs: number;
  /** What the stream says of an interval in which nothing traded. */
  readonly zeroTradeInterval: "silent" | "final";
  readonly path: TradePathSettings;
}

export interface ConnectionSettings {
  readonly pingPeriodMs: number;
  /** A ping unanswered for this long ends the connection; ms. */
  readonly pongDeadlineMs: number;
  /** Frames (text, ping, pong) that a client may send in any rolling second; one more closes with 1008. */
  readonly framesPerSecond: number;
  readonly streamsPerConnection: number;
  /** What happens beyond that many streams: an error frame with code 4, or a close without a word. */
  readonly overStreamLimit: "error" | "close";
  /** Attempts within {@link attemptWindowMs}; one more is answered 429 at the handshake (assumed). */
  readonly attemptLimit: number;
  readonly attemptWindowMs: number;
  readonly lifeMs: number;
  readonly lifeEnd: CutManner;
  /** A `serverShutdown` event comes this long before the planned end (assumed; no lead is promised); undefined: none. */
  readonly shutdownNoticeMs: number | undefined;
  /** Longest control message in bytes; what is longer is cut there and so is no JSON (reported by users). */
  readonly controlMessageMaxBytes: number;
  /** Longest request target of a handshake in characters (reported by users). */
  readonly targetMaxLength: number;
  /** `{"error":{"code","msg"},"id"}` as seen on the wire, or `{"code","msg"}` as documented. */
  readonly errorShape: "wrapped" | "plain";
  /** Whether invalid JSON ends the connection. */
  readonly invalidJsonDisconnects: boolean;
  /** Whether an address banned from REST is refused at the handshake too (undocumented). */
  readonly banRefusesHandshakes: boolean;
  /** A client that lets this many bytes pile up is cut off (assumed). */
  readonly sendBufferMaxBytes: number;
}

export interface RestSettings {
  /** REQUEST_WEIGHT of one wall-clock minute of the exchange's clock. */
  readonly weightPerMinute: number;
  /** Further requests in a minute that was answered 429, before the address is banned (assumed). */
  readonly requestsOverLimitBeforeBan: number;
  /** First ban; each further one is twice as long, up to the longest; ms. */
  readonly firstBanMs: number;
  readonly longestBanMs: number;
  /** Where a ban says when it ends. */
  readonly banTimeIn: { readonly header: boolean; readonly text: boolean };
  readonly klinesDefaultLimit: number;
  readonly klinesMaxLimit: number;
  /** REST shows the world of this long ago; ms. */
  readonly lagMs: number;
  /** What REST shows of a candle between its close and the end of the lag: nothing, or its state of `lagMs` ago. */
  readonly lagShows: "nothing" | "unsettled";
}

export interface JournalSettings {
  /** Entries kept of each kind; the oldest make room. */
  readonly capacityPerKind: number;
  /** Also note every update of a forming candle that was sent. */
  readonly updates: boolean;
}

export interface MarketSettings {
  /** The exchange's clock is this far ahead of the injected one; ms, may be negative. */
  readonly clockOffsetMs: number;
  readonly stream: StreamSettings;
  readonly connection: ConnectionSettings;
  readonly rest: RestSettings;
  readonly journal: JournalSettings;
}

/** Settings to change, group by group; what is left out stays as in production. */
export type MarketSettingsChange = {
  readonly [G in keyof MarketSettings]?: MarketSettings[G] extends number
    ? MarketSettings[G]
    : Partial<MarketSettings[G]>;
};

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const STREAM: Omit<StreamSettings, "updateCadenceMs"> = {
  finalDelayMinMs: 200,
  finalDelayMaxMs: 2_100,
  zeroTradeInterval: "silent",
  path: { fewestSteps: 8, mostSteps: 60, unseenTailShare: 0.3 },
};

const CONNECTION = {
  streamsPerConnection: 1_024,
  overStreamLimit: "error",
  attemptLimit: 300,
  attemptWindowMs: 5 * MINUTE_MS,
  lifeMs: 24 * HOUR_MS,
  lifeEnd: { by: "close", code: 1001, reason: "" },
  controlMessageMaxBytes: 4_096,
  targetMaxLength: 8_004,
  errorShape: "wrapped",
  banRefusesHandshakes: false,
  sendBufferMaxBytes: 16 * 1_024 * 1_024,
} as const;

const REST: Omit<RestSettings, "weightPerMinute" | "klinesMaxLimit"> = {
  requestsOverLimitBeforeBan: 10,
  firstBanMs: 2 * MINUTE_MS,
  longestBanMs: 3 * DAY_MS,
  banTimeIn: { header: true, text: true },
  klinesDefaultLimit: 500,
  lagMs: 0,
  lagShows: "nothing",
};

const JOURNAL: JournalSettings = { capacityPerKind: 100_000, updates: false };

export const PRODUCTION_SETTINGS: Readonly<Record<MarketKind, MarketSettings>> = {
  spot: {
    clockOffsetMs: 0,
    stream: { ...STREAM, updateCadenceMs: 2 * SECOND_MS },
    connection: {
      ...CONNECTION,
      pingPeriodMs: 20 * SECOND_MS,
      pongDeadlineMs: MINUTE_MS,
      framesPerSecond: 5,
      shutdownNoticeMs: 10 * SECOND_MS,
      invalidJsonDisconnects: false,
    },
    rest: { ...REST, weightPerMinute: 6_000, klinesMaxLimit: 1_000 },
    journal: JOURNAL,
  },
  futures: {
    clockOffsetMs: 0,
    stream: { ...STREAM, updateCadenceMs: 250 },
    connection: {
      ...CONNECTION,
      pingPeriodMs: 3 * MINUTE_MS,
      pongDeadlineMs: 10 * MINUTE_MS,
      framesPerSecond: 10,
      shutdownNoticeMs: undefined,
      invalidJsonDisconnects: true,
    },
    rest: { ...REST, weightPerMinute: 2_400, klinesMaxLimit: 1_500 },
    journal: JOURNAL,
  },
};

/** Production's settings of a market with some changed. */
export function resolveSettings(market: MarketKind, change: MarketSettingsChange = {}): MarketSettings {
  const base = PRODUCTION_SETTINGS[market];
  return {
    clockOffsetMs: change.clockOffsetMs ?? base.clockOffsetMs,
    stream: { ...base.stream, ...change.stream },
    connection: { ...base.connection, ...change.connection },
    rest: { ...base.rest, ...change.rest },
    journal: { ...base.journal, ...change.journal },
  };
}
