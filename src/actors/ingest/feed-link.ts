/** The link of a feed with its stream watched: what comes is noted at once, and handed on through the actor's mailbox. */
import type { Clock } from "../../clock/clock.js";
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import type { ExchangePort } from "../feed/exchange-port.js";
import type { FeedJob } from "../feed/job.js";
import type { ActorRef } from "../runtime/actor.js";
import { Link } from "./link.js";
import type { IngestMessage } from "./protocol.js";
import { StreamWatch } from "./stream-watch.js";

export interface FeedLinkOptions {
  readonly series: SeriesId;
  readonly job: FeedJob;
  readonly exchange: ExchangePort;
  readonly clock: Clock;
  readonly log: EventLog;
  readonly self: ActorRef<IngestMessage>;
}

export interface FeedLink {
  readonly link: Link;
  readonly watch: StreamWatch;
  start(): void;
  /** Ends both for good. */
  stop(): void;
}

export function createFeedLink({ series, job, exchange, clock, log, self }: FeedLinkOptions): FeedLink {
  const watch = new StreamWatch({
    series,
    exchange,
    clock,
    log,
    suspect: (why) => link.suspect(why),
    doubt: () => void link.doubt(),
  });
  const link = new Link({
    series,
    exchange,
    retry: job.retry,
    clock,
    log,
    waitMs: Math.max(0, job.notBeforeMs - clock.monotonic()),
    onAttaching: () => {
      watch.attaching();
      self.tell({ type: "attaching" });
    },
    onRefused: () => self.tell({ type: "refused" }),
    onSubscribed: () => {
      watch.subscribed();
      self.tell({ type: "subscribed" });
    },
    onKline: (update) => {
      watch.heard(update);
      self.tell(update.final ? { type: "final", candle: update.candle } : { type: "forming", update });
    },
  });
  const stop = (): void => {
    link.stop();
    watch.stop();
  };
  return { link, watch, start: () => link.start(), stop };
}
