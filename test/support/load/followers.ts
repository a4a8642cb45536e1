/** Many clients of the live feed in one process, each of which checks by itself that it gets every candle once and in order. */
import { WebSocket } from "ws";
import { type Followed, TradeCanvasClient } from "../../../src/client/client.js";

/** Clients that are connected at a time, so that the listener's queue does not overflow. */
const AT_A_TIME = 100;

/** What is wrong is told in words so often at most. */
const MAX_TOLD = 5;

export interface FollowersOptions {
  readonly url: string;
  readonly series: string;
  /** Length of a candle in seconds. */
  readonly timeframeS: number;
  readonly count: number;
  /** Loopback addresses that they come from, in turn; undefined for the system's choice. */
  readonly sources?: readonly string[] | undefined;
}

/** What the followers of a process have seen. */
export interface FollowersReport {
  /** Candles that were told, all clients together. */
  readonly candles: number;
  /** Candles that came again and were dropped by the client. */
  readonly repeats: number;
  readonly gaps: number;
  /** Candles that did not follow the one before, and what else must not be. */
  readonly faults: number;
  /** The first of them in words. */
  readonly told: readonly string[];
  /** Times that a connection was lost, all clients together. */
  readonly losses: number;
}

interface Follower {
  readonly client: TradeCanvasClient;
  readonly followed: Followed;
  cursor: number | undefined;
}

/** A candle that all are waited for to get. */
interface Awaited {
  readonly time: number;
  left: number;
  readonly arrivals: number[];
  readonly done: () => void;
}

export class Followers {
  readonly #options: FollowersOptions;
  readonly #all: Follower[] = [];
  readonly #told: string[] = [];
  #candles = 0;
  #gaps = 0;
  #faults = 0;
  #losses = 0;
  #awaited: Awaited | undefined;

  constructor(options: FollowersOptions) {
    this.#options = options;
  }

  /** Makes all clients; each is connected and has asked for the series at the end. */
  async connect(): Promise<void> {
    const { count } = this.#options;
    while (this.#all.length < count) {
      const wanted = Math.min(AT_A_TIME, count - this.#all.length);
      await Promise.all(Array.from({ length: wanted }, () => this.#connectOne()));
    }
  }

  /**
   * Resolves when every client has the candle of that time.
   * @returns when each got it: milliseconds of the machine's monotonic clock, which is one for all processes.
   */
  arrivals(time: number): Promise<readonly number[]> {
    return new Promise((resolve) => {
      const arrivals: number[] = [];
      const awaited = { time, left: this.#all.length, arrivals, done: () => resolve(arrivals) };
      this.#awaited = awaited;
      for (const { cursor } of this.#all) if (cursor !== undefined && cursor >= time) this.#arrived(awaited);
    });
  }

  report(): FollowersReport {
    const repeats = this.#all.reduce((sum, { followed }) => sum + followed.repeats, 0);
    const counts = { candles: this.#candles, gaps: this.#gaps, faults: this.#faults, losses: this.#losses };
    return { ...counts, repeats, told: this.#told };
  }

  close(): void {
    for (const { client } of this.#all) client.close();
  }

  #connectOne(): Promise<void> {
    const { url, series, sources } = this.#options;
    const localAddress = sources?.[this.#all.length % sources.length];
    const client = new TradeCanvasClient({ url, platform: { WebSocket: socketFrom(localAddress) } });
    return new Promise((resolve) => {
      const follower: Follower = {
        client,
        cursor: undefined,
        followed: client.follow(
          series,
          {},
          {
            closed: (candles) => {
              for (const { candle_time: time } of candles) this.#take(follower, time);
            },
            gap: () => {
              this.#gaps += 1;
            },
            state: ({ name }) => {
              if (name === "open") resolve();
              else if (name === "waiting") this.#losses += 1;
              else if (name === "refused") this.#fault("a client was refused");
            },
          },
        ),
      };
      this.#all.push(follower);
    });
  }

  #take(follower: Follower, time: number): void {
    const { cursor } = follower;
    if (cursor !== undefined && time !== cursor + this.#options.timeframeS)
      this.#fault(`${time} came behind ${cursor}`);
    follower.cursor = time;
    this.#candles += 1;
    const awaited = this.#awaited;
    if (awaited !== undefined && time === awaited.time) this.#arrived(awaited);
  }

  #arrived(awaited: Awaited): void {
    awaited.arrivals.push(machineMs());
    awaited.left -= 1;
    if (awaited.left === 0) awaited.done();
  }

  #fault(what: string): void {
    this.#faults += 1;
    if (this.#told.length < MAX_TOLD) this.#told.push(what);
  }
}

/** Milliseconds of the machine's monotonic clock, the same in all processes. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function socketFrom(localAddress: string | undefined) {
  return class extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { perMessageDeflate: false, ...(localAddress === undefined ? {} : { localAddress }) });
    }
  };
}
