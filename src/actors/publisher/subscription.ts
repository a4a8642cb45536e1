/**
 * One client's subscription to one series. It first catches up from the store, then follows what is published; what is
 * published meanwhile waits, so that catch-up data always comes first and nothing comes twice. Spec: ws-api §2.
 */
import type { Candle } from "../../market/candle.js";
import type { Gap as GapRecord } from "../../market/gap.js";
import { catchUpMessages, type DeliveryMode, type Gap, gapBefore, liveMessages, remaining } from "./delivery.js";
import { encodeMessage, type Frame, type OutMessage } from "./messages.js";
import type { Publication } from "./publication.js";

/** The client's side: where frames go. */
export interface Subscriber {
  /** Takes a frame without ever blocking or throwing; a client that cannot keep up is the subscriber's affair. */
  send(frame: Frame): void;
  /** Resolves when there is room for a page of catch-up; false when the client is gone. */
  room(): Promise<boolean>;
  /** A subscription has ended because what it needs could not be read: the client must not believe that it goes on. */
  failed(error: unknown): void;
}

/** One page of stored candles for a catch-up. */
export interface CatchUpPage {
  readonly candles: readonly Candle[];
  /** Where the read began after clamping; null when no `since` was given. */
  readonly effectiveSince: number | null;
  /** Whether there may be more. */
  readonly full: boolean;
}

/** Where a `since` comes from. */
export type SinceOrigin = "client" | "sent";

/** Where missing candles come from. Times in seconds. */
export interface CandleSource {
  /**
   * A page of closed candles after `since`, or the newest ones. A `since` that the client named may lie ahead of what is
   * closed and is pulled back; the time of a candle that it was sent is taken as it is.
   */
  page(since: number | null, origin: SinceOrigin): CatchUpPage;
  /** Stored candles with `afterS` < time < `beforeS`. */
  between(afterS: number, beforeS: number): readonly Candle[];
  /** Fetches what is missing from elsewhere and returns what is stored then; undefined when that is switched off. */
  recover: ((gap: Gap) => Promise<readonly Candle[]>) | undefined;
  /** Gaps that are being repaired now. */
  openGaps(): readonly GapRecord[];
}

/** What a catch-up sent. */
export interface CaughtUp {
  readonly candles: number;
  readonly messages: number;
}

/** Publications that wait for a catch-up or a recovery; beyond this they are read from the store instead. */
export const MAX_WAITING = 1_000;

/** States of gaps that a new subscription is told of, and that are kept when more than {@link MAX_WAITING} would wait. */
export const MAX_GAP_STATES = 100;

type State =
  | { readonly type: "waiting"; publications: Publication[]; overflowed: boolean }
  | { readonly type: "live" }
  | { readonly type: "closed" };

export class Subscription {
  readonly series: string;
  readonly #mode: DeliveryMode;
  readonly #subscriber: Subscriber;
  readonly #source: CandleSource;
  #cursor: number | null;
  #state: State = { type: "waiting", publications: [], overflowed: false };

  /** @param since the client's cursor in seconds; null to begin with the newest candles. */
  constructor(series: string, since: number | null, mode: DeliveryMode, subscriber: Subscriber, source: CandleSource) {
    this.series = series;
    this.#cursor = since;
    this.#mode = mode;
    this.#subscriber = subscriber;
    this.#source = source;
  }

  /** Time in seconds of the last closed candle that was sent; null before the first. */
  get cursor(): number | null {
    return this.#cursor;
  }

  /** Nothing is sent after this. */
  close(): void {
    this.#state = { type: "closed" };
  }

  /** Ends the subscription because of an error, and says so to its client. */
  fail(error: unknown): void {
    if (this.#isClosed()) return;
    this.close();
    this.#subscriber.failed(error);
  }

  /** Sends what is stored, page by page as the client takes it, and then goes live. Rejects when it cannot be read. */
  catchUp(): Promise<CaughtUp> {
    const gaps = this.#mode.gaps ? this.#source.openGaps().slice(-MAX_GAP_STATES) : [];
    for (const gap of gaps) this.#send({ type: "gap_state", gap });
    return this.#readOn("client");
  }

  async #readOn(origin: SinceOrigin): Promise<CaughtUp> {
    const sent = { candles: 0, messages: 0 };
    for (let first = true; await this.#subscriber.room(); first = false) {
      if (this.#state.type !== "waiting") break;
      const page = this.#source.page(this.#cursor, first ? origin : "sent");
      const since = page.effectiveSince;
      const gap = first && since !== null && since > 0 ? this.#gap(page.candles, since) : undefined;
      const candles = gap === undefined ? page.candles : await this.#healed(page.candles, gap);
      if (this.#isClosed()) break;
      const left = gap === undefined ? undefined : this.#gap(candles, since);
      const messages = catchUpMessages(candles, this.#mode, left);
      for (const message of messages) this.#send(message);
      sent.candles += candles.length;
      sent.messages += messages.length;
      this.#cursor = candles.at(-1)?.time ?? since;
      if (!page.full) {
        this.#goLive();
        break;
      }
    }
    return sent;
  }

  /** Takes part in a publication: sends it, or keeps it while catching up. */
  offer(publication: Publication): void {
    if (this.#state.type === "closed") return;
    const { content } = publication;
    if (content.type === "gap_state" && !this.#mode.gaps) return;
    if (content.type === "forming") {
      const isNext = this.#cursor === null || content.candle.time > this.#cursor;
      if (this.#state.type === "live" && isNext)
        this.#send({ type: "candle_forming", candle: content.candle }, publication);
    } else if (this.#state.type === "waiting") {
      this.#wait(this.#state, publication);
    } else if (content.type === "gap_state") {
      this.#send(content, publication);
    } else if (content.type === "rebuilt") {
      this.#send({ type: "system", event: "factor.rebuild" }, publication);
    } else {
      this.#deliver(publication, content.candles, content.grouping);
    }
  }

  #wait(state: Extract<State, { type: "waiting" }>, publication: Publication): void {
    if (state.publications.length >= MAX_WAITING) {
      const last = (type: Publication["content"]["type"], most: number): readonly Publication[] =>
        state.publications.filter(({ content }) => content.type === type).slice(-most);
      state.publications = [...last("rebuilt", 1), ...last("gap_state", MAX_GAP_STATES)];
      state.overflowed = true;
    }
    state.publications.push(publication);
  }

  #deliver(publication: Publication, candles: readonly Candle[], grouping: "single" | "batch"): void {
    let list = remaining(candles, this.#cursor);
    let gap = this.#gap(list, this.#cursor);
    if (gap !== undefined) {
      list = this.#withStored(list);
      gap = this.#gap(list, this.#cursor);
    }
    if (gap !== undefined && this.#source.recover !== undefined) {
      this.#state = { type: "waiting", publications: [], overflowed: false };
      this.#healed(list, gap)
        .then((healed) => {
          if (this.#isClosed()) return;
          this.#sendLive(publication, healed, grouping, this.#gap(healed, this.#cursor));
          this.#goLive();
        })
        .catch((error: unknown) => this.fail(error));
      return;
    }
    this.#sendLive(publication, list, grouping, gap);
  }

  #sendLive(
    publication: Publication,
    candles: readonly Candle[],
    grouping: "single" | "batch",
    gap: Gap | undefined,
  ): void {
    for (const message of liveMessages(candles, this.#mode, grouping, gap)) this.#send(message, publication);
    this.#cursor = candles.at(-1)?.time ?? this.#cursor;
  }

  /** Ends the waiting: what was published meanwhile is sent now, as far as it has not been sent yet. */
  #goLive(): void {
    const waited = this.#state;
    if (waited.type !== "waiting") return;
    this.#state = { type: "live" };
    if (waited.overflowed) {
      // Too much was published to keep: begin again from the store, where all of it is.
      this.#state = { ...waited, overflowed: false };
      this.#readOn("sent").catch((error: unknown) => this.fail(error));
      return;
    }
    for (const publication of waited.publications) this.offer(publication);
  }

  #gap(candles: readonly Candle[], cursor: number | null): Gap | undefined {
    return gapBefore(candles[0], cursor, this.#mode.timeframeSeconds);
  }

  /** Candles that are stored but were never published to this subscriber, put before those that are to be sent. */
  #withStored(candles: readonly Candle[]): readonly Candle[] {
    const first = candles[0];
    if (first === undefined || this.#cursor === null) return candles;
    const stored = this.#source.between(this.#cursor, first.time);
    return stored.length === 0 ? candles : [...stored, ...candles];
  }

  /** The candles with what could be recovered before them. A failing recovery recovers nothing. */
  async #healed(candles: readonly Candle[], gap: Gap): Promise<readonly Candle[]> {
    try {
      const recovered = (await this.#source.recover?.(gap)) ?? [];
      const fitting = recovered.filter(({ time }) => time >= gap.expectedNextTime && time < gap.actualTime);
      return fitting.length === 0 ? candles : [...fitting, ...candles];
    } catch {
      return candles;
    }
  }

  #send(message: OutMessage, publication?: Publication): void {
    this.#subscriber.send(publication?.frame(message) ?? encodeMessage(this.series, message));
  }

  #isClosed(): boolean {
    return this.#state.type === "closed";
  }
}
