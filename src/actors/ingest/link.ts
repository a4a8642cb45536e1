/**
 * Runs the link machine of one series on the injected clock and connects it with the exchange. An xstate actor takes five
 * kilobytes, and a link is attached for days on end, when nothing is waited for and nothing invoked: it is there only
 * while there is something for it to do.
 */
import { type Actor, createActor, type SnapshotFrom } from "xstate";
import type { Clock } from "../../clock/clock.js";
import type { SeriesId } from "../../market/series-id.js";
import type { EventLog } from "../../observability/event-log.js";
import type { RetryPolicy } from "../breaker/retry-policy.js";
import type { Attachment, ExchangePort, KlineUpdate, SeriesStanding } from "../feed/exchange-port.js";
import type { ConnectionFacts } from "../feed/feed-state.js";
import { errorText } from "../runtime/errors.js";
import { type LinkEffects, type LinkEvent, linkMachine } from "./link.machine.js";

export interface LinkOptions {
  readonly series: SeriesId;
  readonly exchange: ExchangePort;
  readonly retry: RetryPolicy;
  readonly clock: Clock;
  readonly log: EventLog;
  /** Milliseconds to wait before the first attempt. */
  readonly waitMs: number;
  /** The series was verified, or could not be: it is being attached. */
  readonly onAttaching: () => void;
  /** The exchange will not serve the series. */
  readonly onRefused: () => void;
  readonly onSubscribed: () => void;
  readonly onKline: (update: KlineUpdate) => void;
}

export type LinkState = SnapshotFrom<typeof linkMachine>["value"];

type LinkMachine = typeof linkMachine;
type LinkContext = SnapshotFrom<LinkMachine>["context"];

/** How the machine is held: as an actor, or as what an actor is made of again. */
type Held =
  | { readonly type: "running"; readonly actor: Actor<LinkMachine> }
  | { readonly type: "resting"; readonly value: LinkState; readonly context: Omit<LinkContext, "effects"> };

export class Link {
  readonly #options: LinkOptions;
  #held: Held;
  #attachment: Attachment | undefined;
  #reason: string | null = null;
  /** A candle has come on the present attachment. */
  #proven = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    const input = { effects: this.#effects(), waitMs: options.waitMs };
    this.#held = this.#observed(createActor(linkMachine, { input, clock: options.clock }));
  }

  start(): void {
    this.#awake().start();
  }

  /** Ends the link for good. */
  stop(): void {
    this.#send({ type: "STOP" });
    this.#awake().stop();
  }

  /** Nothing comes, and REST has nothing either: ends the attachment if the exchange has stopped serving the series. */
  async doubt(): Promise<void> {
    const standing = await this.#options.exchange.doubt(this.#options.series);
    if (standing?.type === "unusable") this.#send({ type: "REFUSED", reason: standing.reason });
  }

  /** There is proof against the stream. */
  suspect(why: string): void {
    this.#attachment?.suspect(why);
  }

  /** The connection that carries the stream; null while there is none. */
  get connection(): ConnectionFacts | null {
    return this.#attachment?.connection() ?? null;
  }

  /** Why the series was lost or refused last. */
  get reason(): string | null {
    return this.#reason;
  }

  get state(): LinkState {
    return this.#held.type === "running" ? this.#held.actor.getSnapshot().value : this.#held.value;
  }

  /** What comes after the end is of no interest. */
  #send(event: LinkEvent): void {
    const actor = this.#awake();
    if (actor.getSnapshot().status === "active") actor.send(event);
  }

  #awake(): Actor<LinkMachine> {
    if (this.#held.type === "running") return this.#held.actor;
    const { value, context } = this.#held;
    const effects = this.#effects();
    const snapshot = linkMachine.resolveState({ value, context: { ...context, effects } });
    const input = { effects, waitMs: context.waitMs };
    const actor = createActor(linkMachine, { snapshot, input, clock: this.#options.clock });
    this.#held = this.#observed(actor);
    return actor.start();
  }

  /** Lets go of the actor whenever it has nothing to wait for. */
  #observed(actor: Actor<LinkMachine>): Held {
    const running: Held = { type: "running", actor };
    actor.subscribe({
      next: (snapshot) => {
        const { value, context } = snapshot;
        const { waitMs, reason } = context;
        const rests = snapshot.status === "active" && snapshot.matches("attached");
        this.#held = rests ? { type: "resting", value, context: { waitMs, reason } } : running;
      },
      error: (error) => this.#options.log.error("link.failed", { error: errorText(error) }),
    });
    return running;
  }

  #effects(): LinkEffects {
    const { series, exchange, retry, log } = this.#options;
    return {
      attempt: () => retry.attempt(),
      verify: async () => {
        const verdict = await exchange.verify(series);
        if (verdict.type === "unverified") void this.#refuseLater(verdict.later);
        return verdict;
      },
      attach: () => this.#attach(),
      detach: () => {
        this.#attachment?.detach();
        this.#attachment = undefined;
      },
      succeeded: () => {
        retry.succeeded();
        log.info("feed.live");
      },
      failed: (reason) => {
        this.#reason = reason;
        const waitMs = retry.failed(reason);
        log.warn("feed.lost", { reason, retry_in_s: waitMs / 1000 });
        return waitMs;
      },
      refused: (reason) => {
        this.#reason = reason;
        log.warn("feed.refused", { reason });
        this.#options.onRefused();
      },
    };
  }

  /** Attached on trust: refused when the exchange's list of symbols has come and says so. */
  async #refuseLater(later: Promise<SeriesStanding>): Promise<void> {
    const standing = await later;
    if (standing.type === "unusable") this.#send({ type: "REFUSED", reason: standing.reason });
  }

  #attach(): void {
    const { series, exchange, onAttaching, onSubscribed, onKline } = this.#options;
    this.#proven = false;
    onAttaching();
    this.#attachment = exchange.attach(series, {
      subscribed: onSubscribed,
      kline: (update) => {
        if (!this.#proven) {
          this.#proven = true;
          this.#send({ type: "FIRST_KLINE" });
        }
        onKline(update);
      },
      lost: (reason) => this.#send({ type: "LOST", reason }),
    });
  }
}
