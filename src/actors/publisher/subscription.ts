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

/** Stored candles, ascending, no more than are read at once. */
export interface StoredPage {
  readonly candles: readonly Candle[];
  /** Whether there may be more. */
  readonly full: boolean;
}

/** One page of stored candles for a catch-up. */
export interface CatchUpPage extends StoredPage {
  /** Where the read began after clamping; null when no `since` was given. */
  readonly effectiveSince: number | null;
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
  /** The first stored candles with `afterS` < time < `beforeS`. */
  between(afterS: number, beforeS: number): StoredPage;
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

/** Messages of a catch-up that are sent before the client must have room again; an outbox takes several times as many. */
export const MESSAGES_AT_ONCE = 500;

interface WaitingState {
  readonly type: "waiting";
  publications: Publication[];
  overflowed: boolean;
}

type State = WaitingState | { readonly type: "live" } | { readonly type: "closed" };

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
    return this.#readOn((isFirst) => this.#source.page(this.#cursor, isFirst ? "client" : "sent"));
  }

  /** Sends page after page and then goes live. Only the hole before the first page is looked into, and announced. */
  async #readOn(read: (isFirst: boolean) => CatchUpPage): Promise<CaughtUp> {
    const sent = { candles: 0, messages: 0 };
    for (let isFirst = true; await this.#subscriber.room(); isFirst = false) {
      if (this.#state.type !== "waiting") break;
      const page = read(isFirst);
      const since = page.effectiveSince;
      const gap = isFirst && since !== null && since > 0 ? this.#gap(page.candles, since) : undefined;
      const { candles, full } = gap === undefined ? page : await this.#healed(page, gap);
      if (this.#isClosed()) break;
      const left = gap === undefined ? undefined : this.#gap(candles, since);
      const messages = catchUpMessages(candles, this.#mode, left);
      if (!(await this.#sendAll(messages))) break;
      sent.candles += candles.length;
      sent.messages += messages.length;
      this.#cursor = candles.at(-1)?.time ?? since;
      if (!full) {
        this.#goLive();
        break;
      }
    }
    return sent;
  }

  /** Sends messages as the client takes them. @returns false when the subscription ended meanwhile. */
  async #sendAll(messages: readonly OutMessage[]): Promise<boolean> {
    for (const [index, message] of messages.entries()) {
      const isPause = index > 0 && index % MESSAGES_AT_ONCE === 0;
      if (isPause && (!(await this.#subscriber.room()) || this.#isClosed())) return false;
      this.#send(message);
    }
    return true;
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

  #wait(state: WaitingState, publication: Publication): void {
    if (state.publications.length >= MAX_WAITING) {
      const last = (type: Publication["content"]["type"], most: number): readonly Publication[] =>
        state.publications.filter(({ content }) => content.type === type).slice(-most);
      state.publications = [...last("rebuilt", 1), ...last("gap_state", MAX_GAP_STATES)];
      state.overflowed = true;
    }
    state.publications.push(publication);
  }

  #deliver(publication: Publication, candles: readonly Candle[], grouping: "single" | "batch"): void {
    const cursor = this.#cursor;
    let list = remaining(candles, cursor);
    let gap = this.#gap(list, cursor);
    if (gap !== undefined && cursor !== null) {
      // Stored, but never published to this subscriber.
      const stored = this.#source.between(cursor, gap.actualTime);
      if (stored.full) {
        this.#catchUpTo(publication, cursor, gap.actualTime);
        return;
      }
      list = [...stored.candles, ...list];
      gap = this.#gap(list, cursor);
    }
    if (gap !== undefined && this.#source.recover !== undefined) {
      const waiting = this.#beginWaiting();
      this.#healed({ candles: list, full: false }, gap)
        .then((healed) => {
          if (this.#isClosed()) return;
          this.#sendLive(publication, healed.candles, grouping, this.#gap(healed.candles, this.#cursor));
          if (healed.full) waiting.publications.unshift(publication);
          this.#goLive();
        })
        .catch((error: unknown) => this.fail(error));
      return;
    }
    this.#sendLive(publication, list, grouping, gap);
  }

  /** More is stored before a publication than is read at once: it waits until the client has been sent all of that. */
  #catchUpTo(publication: Publication, afterS: number, beforeS: number): void {
    this.#beginWaiting().publications.push(publication);
    this.#readOn(() => {
      const since = this.#cursor ?? afterS;
      return { ...this.#source.between(since, beforeS), effectiveSince: since };
    }).catch((error: unknown) => this.fail(error));
  }

  #beginWaiting(): WaitingState {
    const waiting: WaitingState = { type: "waiting", publications: [], overflowed: false };
    this.#state = waiting;
    return waiting;
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
      this.#readOn(() => this.#source.page(this.#cursor, "sent")).catch((error: unknown) => this.fail(error));
      return;
    }
    for (const publication of waited.publications) this.offer(publication);
  }

  #gap(candles: readonly Candle[], cursor: number | null): Gap | undefined {
    return gapBefore(candles[0], cursor, this.#mode.timeframeSeconds);
  }

  /** A page with what could be recovered before it. A failing recovery recovers nothing. */
  async #healed<Page extends StoredPage>(page: Page, gap: Gap): Promise<Page> {
    const recovered = await this.#recovered(gap);
    const last = recovered.at(-1);
    if (last === undefined) return page;
    // A recovery hands over no more than its bound: what else it has stored comes before what this page holds.
    const isMore = this.#source.between(last.time, gap.actualTime).candles.length > 0;
    return isMore ? { ...page, candles: recovered, full: true } : { ...page, candles: [...recovered, ...page.candles] };
  }

  async #recovered(gap: Gap): Promise<readonly Candle[]> {
    try {
      const recovered = (await this.#source.recover?.(gap)) ?? [];
      return recovered.filter(({ time }) => time >= gap.expectedNextTime && time < gap.actualTime);
    } catch {
      return [];
    }
  }

  #send(message: OutMessage, publication?: Publication): void {
    this.#subscriber.send(publication?.frame(message) ?? encodeMessage(this.series, message));
  }

  #isClosed(): boolean {
    return this.#state.type === "closed";
  }
}
