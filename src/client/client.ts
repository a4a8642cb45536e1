/** A client of a running daemon: typed reads, the live feed, and the debug events. docs/client.md. */
import { DebugFeed, type DebugHandlers } from "./debug-feed.js";
import { Dev } from "./dev.js";
import { MarketFeed } from "./feed.js";
import { type Platform, platformWith } from "./platform.js";
import { Reads } from "./reads.js";
import { OverlayPackages, Replay } from "./replay.js";
import { Requests } from "./request.js";
import { type FollowHandlers, type FollowOptions, Subscription } from "./subscription.js";

/** Connections to the live feed; one is enough unless a series is followed twice, or again while others are. */
export const MAX_CONNECTIONS = 8;

export interface ClientOptions {
  /** Of the daemon: `http://host:port`. */
  readonly url: string;
  /** Left out where the daemon asks for none. */
  readonly token?: string | undefined;
  /** Parts that are to be used instead of the platform's own. */
  readonly platform?: Partial<Platform> | undefined;
}

/** A series that is followed. */
export interface Followed {
  /** Open time in seconds of the newest closed candle taken in; null before the first. */
  readonly cursor: number | null;
  /** Closed candles that came although they, or later ones, had been told; they were dropped. */
  readonly repeats: number;
  end(): void;
}

/** The debug events, as long as they are wanted. */
export interface Watched {
  end(): void;
}

export class TradeCanvasClient extends Reads {
  readonly replay: Replay;
  readonly overlayPackages: OverlayPackages;
  readonly dev: Dev;
  readonly #requests: Requests;
  readonly #platform: Platform;
  readonly #feeds = new Set<MarketFeed>();
  readonly #debugFeeds = new Set<DebugFeed>();
  #closed = false;

  /** @throws Error when the address is none. */
  constructor({ url, token, platform = {} }: ClientOptions) {
    const whole = platformWith(platform);
    const requests = new Requests({ url: daemonUrl(url), token }, whole);
    super(requests);
    this.#requests = requests;
    this.#platform = whole;
    this.replay = new Replay(requests);
    this.overlayPackages = new OverlayPackages(requests);
    this.dev = new Dev(requests);
  }

  /**
   * Follows a series: what was missed since the cursor, then what closes, across lost connections.
   * @throws Error for what is no series id, on a platform without WebSocket, after the end, and when the connections do not suffice.
   */
  follow(series: string, options: FollowOptions, handlers: FollowHandlers): Followed {
    this.#mustBeOpen();
    const subscription = new Subscription(series, options, handlers, this.#platform);
    const feed = this.#feedFor(series);
    feed.add(subscription);
    return {
      get cursor() {
        return subscription.cursor;
      },
      get repeats() {
        return subscription.repeats;
      },
      end: () => {
        feed.remove(subscription);
        if (feed.isEmpty) this.#feeds.delete(feed);
      },
    };
  }

  /** Tells the debug events, across lost connections. @throws Error on a platform without WebSocket, and after the end. */
  debug(handlers: DebugHandlers): Watched {
    this.#mustBeOpen();
    const feed = new DebugFeed(this.#requests, this.#platform, handlers);
    this.#debugFeeds.add(feed);
    return {
      end: () => {
        feed.end();
        this.#debugFeeds.delete(feed);
      },
    };
  }

  /** Ends everything: nothing is told any more, and reads, also those under way, reject with `aborted`. */
  close(): void {
    this.#closed = true;
    for (const feed of [...this.#feeds, ...this.#debugFeeds]) feed.end();
    this.#feeds.clear();
    this.#debugFeeds.clear();
    this.#requests.close();
  }

  #feedFor(series: string): MarketFeed {
    for (const feed of this.#feeds) if (feed.hasRoomFor(series)) return feed;
    if (this.#feeds.size >= MAX_CONNECTIONS) {
      throw new Error(
        `'${series}' would take more than ${MAX_CONNECTIONS} connections: end what is not needed any more`,
      );
    }
    const feed = new MarketFeed(this.#requests, this.#platform);
    this.#feeds.add(feed);
    return feed;
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new Error("the client was closed: make another one");
  }
}

/** The address without a slash at its end. */
function daemonUrl(url: string): string {
  if (!/^https?:\/\/[^/?#]+[^?#]*$/.test(url)) {
    throw new Error(`'${url}' is not the address of a daemon: give one such as http://127.0.0.1:8000`);
  }
  return url.replace(/\/+$/, "");
}
