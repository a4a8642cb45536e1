/** Takes an event to the subscribers of its stream, past the faults that are switched on, and notes what was sent. */
import type { Agenda } from "../agenda.js";
import type { FaultSwitchboard } from "../faults/switchboard.js";
import type { Journal } from "../journal.js";
import { candleOf } from "../truth/kline.js";
import type { Delivery, Frame } from "./delivery.js";
import { type Envelope, type KlineEvent, klineFrame } from "./kline-message.js";

/** A connection, as far as streams know it. */
export interface Subscriber {
  readonly id: number;
  readonly envelope: Envelope;
  /** Whether it still wants the stream, asked again when a delayed message is due. */
  isSubscribed(stream: string): boolean;
  /** Sends, or answers false when the connection no longer can. */
  send(frame: Frame): boolean;
}

export interface PublisherWorld {
  readonly agenda: Agenda;
  readonly faults: FaultSwitchboard;
  readonly journal: Journal;
  /** Whether updates are noted too, and not finals alone. */
  readonly noteUpdates: boolean;
}

export class Publisher {
  readonly #world: PublisherWorld;

  constructor(world: PublisherWorld) {
    this.#world = world;
  }

  publish(event: KlineEvent, subscribers: Iterable<Subscriber>): void {
    const faulty = this.#world.faults.has("delivery");
    const frames = new Map<string, Frame>();
    for (const subscriber of subscribers) {
      if (faulty) this.#sendFaulty(subscriber, event);
      else this.#send(subscriber, event, cachedFrame(frames, event, subscriber.envelope));
    }
  }

  #sendFaulty(subscriber: Subscriber, event: KlineEvent): void {
    const { faults, agenda } = this.#world;
    for (const delivery of faults.deliveries({ event, delayMs: 0, restamp: false }, subscriber.id)) {
      if (delivery.delayMs <= 0) this.#sendDelivery(subscriber, delivery);
      else agenda.after(delivery.delayMs, () => this.#sendLate(subscriber, delivery));
    }
  }

  #sendLate(subscriber: Subscriber, delivery: Delivery): void {
    if (!subscriber.isSubscribed(delivery.event.stream)) return;
    const eventMs = delivery.restamp ? Math.floor(this.#world.agenda.now()) : delivery.event.eventMs;
    this.#sendDelivery(subscriber, { ...delivery, event: { ...delivery.event, eventMs } });
  }

  #sendDelivery(subscriber: Subscriber, { event, spoil }: Delivery): void {
    const text = klineFrame(event, subscriber.envelope);
    this.#send(subscriber, event, spoil?.(text) ?? { data: text, binary: false }, spoil === undefined);
  }

  #send(subscriber: Subscriber, event: KlineEvent, frame: Frame, intact = true): void {
    if (!subscriber.send(frame)) return;
    if (!event.final && !this.#world.noteUpdates) return;
    const { kline, target } = event;
    this.#world.journal.note(event.final ? "final" : "update", {
      connection: subscriber.id,
      stream: event.stream,
      symbol: target.symbol,
      interval: target.interval,
      eventMs: event.eventMs,
      openMs: kline.openMs,
      candle: candleOf(kline),
      intact,
    });
  }
}

function cachedFrame(texts: Map<string, Frame>, event: KlineEvent, envelope: Envelope): Frame {
  const key = `${envelope.combined}${envelope.microseconds}`;
  const known = texts.get(key);
  if (known !== undefined) return known;
  const frame = { data: Buffer.from(klineFrame(event, envelope)), binary: false };
  texts.set(key, frame);
  return frame;
}
